<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.HNKVBQGT.js
import{Ta as n,cb as i,eb as s}from"./chunk.XVCSOOBN.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
========
import{Ta as n,cb as i,eb as s}from"./chunk.2Y7P6DL2.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.WCRWHC5T.js
