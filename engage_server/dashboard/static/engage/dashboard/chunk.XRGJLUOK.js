<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.XRGJLUOK.js
import{a as o}from"./chunk.33JNLIWP.js";import{Ja as r}from"./chunk.CWGPFW5V.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
========
import{a as o}from"./chunk.W6CZR3OX.js";import{ab as r}from"./chunk.K3OL7CEX.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.K5UVBAFX.js
