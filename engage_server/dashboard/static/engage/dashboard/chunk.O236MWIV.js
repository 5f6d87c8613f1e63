<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.J2OZWMKY.js
import{a as o}from"./chunk.EVBK4UFR.js";import{cb as r}from"./chunk.4U7JJ5UL.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
========
import{a as o}from"./chunk.KGGTBAPA.js";import{cb as r}from"./chunk.BBBWPKSW.js";var i={GREEN:"●",YELLOW:"▲",RED:"■"};function u({band:n}){return n?r("span",{class:`band band-${n.toLowerCase()}`,children:[r("i",{"aria-hidden":"true",children:i[n]??"○"}),o(n)]}):null}function a(n){let t=n?.band;return typeof t=="string"?t:null}export{u as a,a as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.O236MWIV.js
