<?php
// Twig behind PHP's own server, with the policy of `policy.php`, if there is one.
require "Twig/autoload.php";

if (explode("?", $_SERVER["REQUEST_URI"])[0] === "/external.js") {
    return false;
}
$cspNonce = "";
if (is_file("policy.php")) {
    require "policy.php";
}
$twig = new Twig\Environment(new Twig\Loader\FilesystemLoader("templates"), ["strict_variables" => true]);
$twig->addFunction(new Twig\TwigFunction("csp_nonce", fn() => $cspNonce));
echo $twig->render("page.html.twig", ["who" => "you", "color" => "green", "q" => $_GET["q"] ?? ""]);
