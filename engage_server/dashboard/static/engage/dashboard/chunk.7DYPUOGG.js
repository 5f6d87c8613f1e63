<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.IYQLRU7U.js
import{ra as o}from"./chunk.CWGPFW5V.js";var r=`engage.book.${o.tenant}`;function s(e){localStorage.setItem(r,JSON.stringify(e))}function a(e){let t=localStorage.getItem(r);return!t||e.get("score")||e.get("worth")?null:JSON.parse(t)}export{s as a,a as b};
========
import{Ja as o}from"./chunk.K3OL7CEX.js";var r=`engage.book.${o.tenant}`;function s(e){localStorage.setItem(r,JSON.stringify(e))}function a(e){let t=localStorage.getItem(r);return!t||e.get("score")||e.get("worth")?null:JSON.parse(t)}export{s as a,a as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.7DYPUOGG.js
