// Checking the token in an API, for five backends. Shared with the API's own quick start.

import type { Platform } from '../../../ui';

export type Backend = 'express' | 'fastapi' | 'go' | 'axum' | 'spring';

export const BACKENDS: Backend[] = ['express', 'fastapi', 'go', 'axum', 'spring'];

export const PLATFORM: Record<Backend, Platform> = { express: 'node', fastapi: 'python', go: 'go', axum: 'rust', spring: 'java' };

export type Checked = { issuer: string; jwksUrl: string; audience: string; algorithm: string; scope: string };

export function validate(backend: Backend, { issuer, jwksUrl, audience, algorithm, scope }: Checked): string {
  switch (backend) {
    case 'express':
      return `// npm install express express-oauth2-jwt-bearer
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';

const app = express();
app.use(auth({
  issuer: '${issuer}',
  jwksUri: '${jwksUrl}',
  audience: '${audience}',
  tokenSigningAlg: '${algorithm}',
}));
app.get('/orders', requiredScopes('${scope}'), (request, response) => {
  response.json({ caller: request.auth.payload.azp });
});
app.listen(3000);`;
    case 'fastapi':
      return `# pip install "fastapi[standard]" "pyjwt[crypto]"
# main.py, run with: fastapi dev main.py --port 3000
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBearer
import jwt

app = FastAPI()
keys = jwt.PyJWKClient(${JSON.stringify(jwksUrl)})

def claims(credentials=Depends(HTTPBearer())) -> dict:
    token = credentials.credentials
    try:
        key = keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token, key, algorithms=["${algorithm}"],
            audience=${JSON.stringify(audience)}, issuer=${JSON.stringify(issuer)},
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401, str(error))

@app.get("/orders")
def orders(claims: dict = Depends(claims)):
    if "${scope}" not in claims.get("scope", "").split():
        raise HTTPException(403, "insufficient_scope")
    return {"caller": claims["azp"]}`;
    case 'go':
      return `// go get github.com/lestrrat-go/jwx/v2
package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
)

func main() {
	ctx := context.Background()
	cache := jwk.NewCache(ctx)
	_ = cache.Register("${jwksUrl}", jwk.WithMinRefreshInterval(15*time.Minute))
	keys := jwk.NewCachedSet(cache, "${jwksUrl}")

	http.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {
		token, err := jwt.ParseRequest(r, jwt.WithKeySet(keys),
			jwt.WithIssuer("${issuer}"), jwt.WithAudience("${audience}"))
		if err != nil {
			http.Error(w, "invalid_token", http.StatusUnauthorized)
			return
		}
		scope, _ := token.Get("scope")
		if !slices.Contains(strings.Fields(fmt.Sprint(scope)), "${scope}") {
			http.Error(w, "insufficient_scope", http.StatusForbidden)
			return
		}
		fmt.Fprintln(w, token.Subject())
	})
	_ = http.ListenAndServe(":3000", nil)
}`;
    case 'axum':
      return `// axum = "0.8", axum-extra = { version = "0.10", features = ["typed-header"] }, jsonwebtoken = "9",
// reqwest = { version = "0.12", features = ["json"] }, serde = { version = "1", features = ["derive"] }, tokio = { version = "1", features = ["full"] }
use std::sync::Arc;
use axum::{Router, extract::State, http::StatusCode, routing::get};
use axum_extra::{TypedHeader, headers::{Authorization, authorization::Bearer}};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};

#[derive(serde::Deserialize)]
struct Claims { azp: String, #[serde(default)] scope: String }

async fn orders(
    State(keys): State<Arc<JwkSet>>,
    TypedHeader(Authorization(bearer)): TypedHeader<Authorization<Bearer>>,
) -> Result<String, StatusCode> {
    let unauthorized = |_| StatusCode::UNAUTHORIZED;
    let header = decode_header(bearer.token()).map_err(unauthorized)?;
    let jwk = header.kid.and_then(|kid| keys.find(&kid)).ok_or(StatusCode::UNAUTHORIZED)?;
    let mut rules = Validation::new(Algorithm::${algorithm});
    rules.set_issuer(&["${issuer}"]);
    rules.set_audience(&["${audience}"]);
    let key = DecodingKey::from_jwk(jwk).map_err(unauthorized)?;
    let claims = decode::<Claims>(bearer.token(), &key, &rules).map_err(unauthorized)?.claims;
    match claims.scope.split(' ').any(|scope| scope == "${scope}") {
        true => Ok(claims.azp),
        false => Err(StatusCode::FORBIDDEN),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys: JwkSet = reqwest::get("${jwksUrl}").await?.json().await?;
    let app = Router::new().route("/orders", get(orders)).with_state(Arc::new(keys));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}`;
    case 'spring':
      return `// implementation("org.springframework.boot:spring-boot-starter-oauth2-resource-server")
// application.properties:
//   spring.security.oauth2.resourceserver.jwt.issuer-uri=${issuer}
//   spring.security.oauth2.resourceserver.jwt.jwk-set-uri=${jwksUrl}
//   spring.security.oauth2.resourceserver.jwt.audiences=${audience}
//   spring.security.oauth2.resourceserver.jwt.jws-algorithms=${algorithm}
//   server.port=3000
@Configuration
class Security {
  @Bean
  SecurityFilterChain chain(HttpSecurity http) throws Exception {
    return http
        .authorizeHttpRequests(requests -> requests
            .requestMatchers("/orders").hasAuthority("SCOPE_${scope}")
            .anyRequest().authenticated())
        .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
        .build();
  }
}`;
  }
}
