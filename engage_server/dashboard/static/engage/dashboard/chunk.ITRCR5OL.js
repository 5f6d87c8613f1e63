<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.ITRCR5OL.js
import{a as o}from"./chunk.BAVNJBPO.js";import{cb as r}from"./chunk.5AF4XVKX.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
========
import{a as o}from"./chunk.BRDK7IZK.js";import{cb as r}from"./chunk.CDLN64O6.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.6Z7S3JTI.js
