import { lines, type Api, type Framework } from '.';

/** The lines that read a token into `claims`, indented; both frameworks do the same. */
const decoded = ({ algorithm, isSymmetric }: Api, token: string, indent: string) =>
  [
    isSymmetric ? `key = os.environ["SIGNING_SECRET"]` : `key = KEYS.get_signing_key_from_jwt(${token}).key`,
    `claims = jwt.decode(`,
    `    ${token}, key, algorithms=["${algorithm}"], issuer=ISSUER, audience=AUDIENCE,`,
    `    options={"require": ["exp", "iss", "aud"]},`,
    `)`,
  ].map((line) => indent + line).join('\n');

const constants = ({ issuer, audience, jwks, isSymmetric, quoted }: Api) =>
  lines(`ISSUER = ${quoted(issuer)}`, `AUDIENCE = ${quoted(audience)}`, !isSymmetric && `KEYS = jwt.PyJWKClient(${quoted(jwks)})`);

const handler = (path: string) => path.slice(1).replace(/\W/g, '_').replace(/^(\d)/, '_$1');

export const fastapi = (api: Api): Framework => ({
  id: 'fastapi',
  label: 'FastAPI',
  install: 'pip install "fastapi[standard]" "pyjwt[crypto]"',
  code: lines(
    `# main.py, run with: fastapi dev main.py --port 3000`,
    api.isSymmetric && `import os`,
    api.isSymmetric && ``,
    `import jwt`,
    `from fastapi import Depends, FastAPI, HTTPException, Security`,
    `from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes`,
    ``,
    constants(api),
    ``,
    `app = FastAPI()`,
    ``,
    ``,
    `def caller(needed: SecurityScopes, sent: HTTPAuthorizationCredentials = Depends(HTTPBearer())) -> dict:`,
    `    token = sent.credentials`,
    `    try:`,
    decoded(api, 'token', '        '),
    `    except jwt.PyJWTError:`,
    `        raise HTTPException(401, "invalid_token", {"WWW-Authenticate": 'Bearer error="invalid_token"'})`,
    `    if not set(needed.scopes) <= set(claims.get("scope", "").split()):`,
    `        raise HTTPException(403, "insufficient_scope")`,
    `    return claims`,
    ``,
    ``,
    `@app.get(${api.quoted(api.path)})`,
    `def ${handler(api.path)}(claims: dict = Security(caller${api.scope === undefined ? '' : `, scopes=[${api.quoted(api.scope)}]`})):`,
    `    return {"caller": claims["sub"]}`,
  ),
});

export const django = (api: Api): Framework => ({
  id: 'django',
  label: 'Django',
  install: 'pip install django "pyjwt[crypto]"',
  code: lines(
    `# views.py`,
    `from functools import wraps`,
    api.isSymmetric && `import os`,
    ``,
    `import jwt`,
    `from django.http import JsonResponse`,
    ``,
    constants(api),
    ``,
    ``,
    `def requires(*scopes):`,
    `    def decorate(view):`,
    `        @wraps(view)`,
    `        def checked(request, *args, **kwargs):`,
    `            token = request.headers.get("Authorization", "").removeprefix("Bearer ")`,
    `            try:`,
    decoded(api, 'token', '                '),
    `            except jwt.PyJWTError:`,
    `                return JsonResponse(`,
    `                    {"error": "invalid_token"}, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}`,
    `                )`,
    `            if not set(scopes) <= set(claims.get("scope", "").split()):`,
    `                return JsonResponse({"error": "insufficient_scope"}, status=403)`,
    `            request.claims = claims`,
    `            return view(request, *args, **kwargs)`,
    ``,
    `        return checked`,
    ``,
    `    return decorate`,
    ``,
    ``,
    `@requires(${api.scope === undefined ? '' : api.quoted(api.scope)})`,
    `def ${handler(api.path)}(request):`,
    `    return JsonResponse({"caller": request.claims["sub"]})`,
    ``,
    ``,
    `# urls.py`,
    `from django.urls import path`,
    `from . import views`,
    ``,
    `urlpatterns = [path(${api.quoted(api.path.slice(1))}, views.${handler(api.path)})]`,
  ),
});
