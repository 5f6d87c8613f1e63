<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.2L3W2AWL.js
import{a as o}from"./chunk.G4VRHYVI.js";import{cb as r}from"./chunk.XVCSOOBN.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
========
import{a as o}from"./chunk.6LVSBVMD.js";import{cb as r}from"./chunk.2Y7P6DL2.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.UR5RNLND.js
