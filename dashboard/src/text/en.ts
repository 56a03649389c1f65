// Every word on screen. Each area has a file of its own, so that a page loads only its own words.
export { account } from './account';
export { administrators } from './administrators';
export { apis } from './apis';
export { application } from './application';
export { applications } from './applications';
export { home } from './home';
export { inspector } from './inspector';
export { logs } from './logs';
export { palette } from './palette';
export { shell } from './shell';
export { tenant } from './tenant';
export { tenants } from './tenants';
export { ui } from './ui';
export { usage } from './usage';
