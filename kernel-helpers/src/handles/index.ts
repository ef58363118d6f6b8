import "./start";
