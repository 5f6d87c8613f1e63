<<<<<<<< HEAD:engage_server/dashboard/static/engage/dashboard/chunk.PFJTSAQ3.js
import{Ja as i,La as s,ya as n}from"./chunk.CWGPFW5V.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
========
import{Ra as n,ab as i,cb as s}from"./chunk.K3OL7CEX.js";var t=n({off:["This is measured by a plugin that is switched off.","이 화면을 측정하는 플러그인이 꺼져 있습니다."],on:["Switch on {plugin}","{plugin} 켜기"]});function r({plugin:o}){return i("p",{class:"empty",children:[t("off")," ",i("a",{href:s(["setup","plugins",o]),children:t("on",{plugin:o})})]})}export{r as a};
>>>>>>>> main:engage_server/dashboard/static/engage/dashboard/chunk.U4FBWNTA.js
