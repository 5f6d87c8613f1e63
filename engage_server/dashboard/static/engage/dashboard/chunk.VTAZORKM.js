<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.BY4PHXVL.js
import{Sa as a,cb as t}from"./chunk.4U7JJ5UL.js";var r=a({event:["Event","이벤트"]}),l="known-events";function v({value:n,onChange:e,label:i=r("event")}){return t("div",{class:"field",children:t("label",{children:[i,t("input",{type:"text",list:l,value:n,onChange:o=>e(o.currentTarget.value)})]})})}function d({names:n}){return t("datalist",{id:l,children:n.map(e=>t("option",{value:e},e))})}export{v as a,d as b};
========
import{Ta as a,cb as t}from"./chunk.BBBWPKSW.js";var r=a({event:["Event","이벤트"]}),l="known-events";function v({value:n,onChange:e,label:i=r("event")}){return t("div",{class:"field",children:t("label",{children:[i,t("input",{type:"text",list:l,value:n,onChange:o=>e(o.currentTarget.value)})]})})}function d({names:n}){return t("datalist",{id:l,children:n.map(e=>t("option",{value:e},e))})}export{v as a,d as b};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.VTAZORKM.js
