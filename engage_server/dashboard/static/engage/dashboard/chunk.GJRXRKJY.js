<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.GJRXRKJY.js
import{Sa as n,cb as i,eb as s}from"./chunk.4U7JJ5UL.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
========
import{Ta as n,cb as i,eb as s}from"./chunk.BBBWPKSW.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.HHN6GRXI.js
