import { lines, type Api, type Framework } from '.';

// Spring takes only tokens of the type JWT by default, and checks another type, a secret or a curve with a decoder of
// one's own.
export const spring = (api: Api): Framework => ({
  id: 'spring',
  platform: 'java',
  label: 'Spring Boot',
  install: lines(`// build.gradle`, `implementation 'org.springframework.boot:spring-boot-starter-web'`, `implementation 'org.springframework.boot:spring-boot-starter-oauth2-resource-server'`),
  code: api.algorithm === 'EdDSA' ? unserved(api) : needsDecoder(api) ? withDecoder(api) : withProperties(api),
});

const needsDecoder = ({ isAtJwt, isSymmetric }: Api) => isAtJwt || isSymmetric;

const unserved = ({ algorithm }: Api) =>
  lines(`// Spring Security's decoder does not read ${algorithm}.`, `// Choose RS256, PS256 or ES256 in this API's settings to use it with Spring Boot.`);

const chain = ({ scope, path, quoted }: Api) => [
  `    @Bean`,
  `    SecurityFilterChain api(HttpSecurity http) throws Exception {`,
  `        return http`,
  `            .authorizeHttpRequests(requests -> requests`,
  ...(scope === undefined ? [] : [`                .requestMatchers(${quoted(path)}).hasAuthority(${quoted(`SCOPE_${scope}`)})`]),
  `                .anyRequest().authenticated())`,
  `            .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))`,
  `            .build();`,
  `    }`,
];

const controller = ({ path, quoted }: Api) => [
  `@RestController`,
  `class Controller {`,
  `    @GetMapping(${quoted(path)})`,
  `    Map<String, String> get(@AuthenticationPrincipal Jwt token) {`,
  `        return Map.of("caller", token.getSubject());`,
  `    }`,
  `}`,
];

const imports = (...more: string[]) =>
  [
    `java.util.Map`,
    `org.springframework.context.annotation.*`,
    `org.springframework.security.config.Customizer`,
    `org.springframework.security.config.annotation.web.builders.HttpSecurity`,
    `org.springframework.security.core.annotation.AuthenticationPrincipal`,
    `org.springframework.security.oauth2.jwt.Jwt`,
    `org.springframework.security.web.SecurityFilterChain`,
    `org.springframework.web.bind.annotation.*`,
    ...more,
  ].sort().map((name) => `import ${name};`).join('\n');

const withProperties = (api: Api) =>
  lines(
    `# application.yml`,
    `server.port: 3000`,
    `spring.security.oauth2.resourceserver.jwt:`,
    `  issuer-uri: ${api.quoted(api.issuer)}`,
    `  audiences: ${api.quoted(api.audience)}`,
    `  jws-algorithms: ${api.algorithm}`,
    ``,
    `// Security.java`,
    imports(),
    ``,
    `@Configuration`,
    `class Security {`,
    ...chain(api),
    `}`,
    ``,
    ...controller(api),
  );

const withDecoder = (api: Api) =>
  lines(
    `# application.yml`,
    `server.port: 3000`,
    ``,
    `// Security.java, for Spring Security 6.5 and later`,
    imports(
      `java.util.List`,
      `org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator`,
      `org.springframework.security.oauth2.jwt.*`,
      api.isSymmetric ? `javax.crypto.spec.SecretKeySpec` : `org.springframework.security.oauth2.jose.jws.SignatureAlgorithm`,
      ...(api.isSymmetric ? [`org.springframework.security.oauth2.jose.jws.MacAlgorithm`] : []),
    ).replace('import org.springframework.security.oauth2.jwt.Jwt;\n', ''),
    ``,
    `@Configuration`,
    `class Security {`,
    `    @Bean`,
    `    JwtDecoder decoder() {`,
    ...(api.isSymmetric ? [
      `        var secret = new SecretKeySpec(System.getenv("SIGNING_SECRET").getBytes(), "HmacSHA256");`,
      `        var decoder = NimbusJwtDecoder.withSecretKey(secret).macAlgorithm(MacAlgorithm.HS256)`,
    ] : [
      `        var decoder = NimbusJwtDecoder.withJwkSetUri(${api.quoted(api.jwks)}).jwsAlgorithm(SignatureAlgorithm.${api.algorithm})`,
    ]),
    `            .validateType(false).build();`,
    `        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(`,
    `            new JwtTimestampValidator(),`,
    `            new JwtTypeValidator(List.of(${api.quoted(api.isAtJwt ? 'at+jwt' : 'JWT')})),`,
    `            new JwtIssuerValidator(${api.quoted(api.issuer)}),`,
    `            new JwtClaimValidator<List<String>>("aud", aud -> aud != null && aud.contains(${api.quoted(api.audience)}))));`,
    `        return decoder;`,
    `    }`,
    ``,
    ...chain(api),
    `}`,
    ``,
    ...controller(api),
  );
