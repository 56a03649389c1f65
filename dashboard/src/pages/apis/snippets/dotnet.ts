import { lines, type Api, type Framework } from '.';

export const aspnet = (api: Api): Framework => ({
  id: 'aspnet',
  platform: 'dotnet',
  label: 'ASP.NET Core',
  install: lines('dotnet new web -o Api && cd Api', 'dotnet add package Microsoft.AspNetCore.Authentication.JwtBearer'),
  code: api.algorithm === 'EdDSA' ? unserved(api) : program(api),
});

const unserved = ({ algorithm }: Api) =>
  lines(`// The JWT handler of ASP.NET Core does not read ${algorithm}.`, `// Choose RS256, PS256 or ES256 in this API's settings to use it here.`);

const program = ({ issuer, audience, algorithm, isSymmetric, isAtJwt, scope, path, quoted }: Api) =>
  lines(
    `// Program.cs`,
    `using System.Security.Claims;`,
    isSymmetric && `using System.Text;`,
    `using Microsoft.AspNetCore.Authentication.JwtBearer;`,
    isSymmetric && `using Microsoft.IdentityModel.Tokens;`,
    ``,
    `var builder = WebApplication.CreateBuilder(args);`,
    ``,
    `builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>`,
    `{`,
    ...(isSymmetric ? [
      `    options.TokenValidationParameters.ValidIssuer = ${quoted(issuer)};`,
      `    options.TokenValidationParameters.IssuerSigningKey =`,
      `        new SymmetricSecurityKey(Encoding.UTF8.GetBytes(builder.Configuration["SIGNING_SECRET"]!));`,
    ] : [`    options.Authority = ${quoted(issuer)};`]),
    `    options.Audience = ${quoted(audience)};`,
    `    options.MapInboundClaims = false;`,
    `    options.TokenValidationParameters.ValidAlgorithms = [${quoted(algorithm)}];`,
    isAtJwt && `    options.TokenValidationParameters.ValidTypes = ["at+jwt"];`,
    `});`,
    scope === undefined ? `builder.Services.AddAuthorization();` : lines(
      `builder.Services.AddAuthorization(options => options.AddPolicy(${quoted(scope)}, policy => policy`,
      `    .RequireAssertion(context => context.User.FindFirstValue("scope")?.Split(' ').Contains(${quoted(scope)}) == true)));`,
    ),
    ``,
    `var app = builder.Build();`,
    ``,
    `app.MapGet(${quoted(path)}, (ClaimsPrincipal caller) => new { caller = caller.FindFirstValue("sub") })`,
    `    .RequireAuthorization(${scope === undefined ? '' : quoted(scope)});`,
    ``,
    `app.Run("http://127.0.0.1:3000");`,
  );
