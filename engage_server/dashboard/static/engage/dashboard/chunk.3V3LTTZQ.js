<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.EPOT22ES.js
import{Ka as r}from"./chunk.4U7JJ5UL.js";var o=`engage.book.${r.tenant}`;function s(e){localStorage.setItem(o,JSON.stringify(e))}function l(e){let t=localStorage.getItem(o);return!t||e.get("score")||e.get("worth")?null:JSON.parse(t)}export{s as a,l as b};
========
import{Ka as r}from"./chunk.BBBWPKSW.js";var o=`engage.book.${r.tenant}`;function s(e){localStorage.setItem(o,JSON.stringify(e))}function l(e){let t=localStorage.getItem(o);return!t||e.get("score")||e.get("worth")?null:JSON.parse(t)}export{s as a,l as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.3V3LTTZQ.js
