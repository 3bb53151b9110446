//! Which scripts are checked.

use super::*;

#[test]
fn javascript_types_modules_and_maps_are_checked() {
    for attributes in [
        "",
        "type",
        "type=\"\"",
        "type=text/javascript",
        "type=TEXT/JavaScript",
        "type=' text/javascript&#10;'",
        "type=application/x-ecmascript",
        "type=text/livescript",
        "type=module",
        "type=Module",
        "type=importmap",
        "type=speculationrules",
        "type=' module '",
        "type=webbundle",
        "language=javascript",
        "language=JavaScript1.5",
        "language=''",
        "type='' language=vbscript",
        "for=x event=onclick",
        "defer",
        "async",
        "href=x.js",
        "xlink:href=x.js",
        "type=module nomodule",
        "charset=utf-8",
    ] {
        script(format!("<script {attributes}>x</script>"), "x");
    }
}

#[test]
fn other_types_are_data() {
    for attributes in [
        "type=' '",
        "type=application/json",
        "type=application/ld+json",
        "type=text/template",
        "type='text/javascript; charset=utf-8'",
        "type=text/babel",
        "type=json",
        "language=' '",
        "language=javascript1.6",
        "language=vbscript",
        "type=text/vbscript",
        "src",
        "src=''",
        "src=x.js",
        "SRC=x.js",
        "nomodule",
        "type=text/javascript nomodule",
    ] {
        nothing(format!("<script {attributes}>x</script>"));
    }
}

#[test]
fn white_space_is_checked_and_nothing_is_not() {
    script("<script> \n</script>", " \n");
    script("<script>/**/</script>", "/**/");
    nothing("<script></script>");
    nothing("<svg><script></script><script/></svg>");
}

#[test]
fn svg_scripts_follow_their_own_rules() {
    script("<svg><script>a(&quot;b&quot;)&amp;&amp;1</script></svg>", "a(\"b\")&&1");
    script("<svg><script>a<![CDATA[<b>&amp;]]>c</script></svg>", "a<b>&amp;c");
    script("<svg><script>a<!-- b -->c<g>d</g>e</script></svg>", "ace");
    script("<svg><script>a&#13;b&#0;c\r\nd</script></svg>", "a\rb\u{fffd}c\nd");
    script("<svg><SCRIPT src=x.js language=vbscript nomodule>x</SCRIPT></svg>", "x");
    nothing("<svg><script href=x.js>x</script><script xlink:href=x.js>x</script></svg>");
    nothing("<svg><script type=application/json>x</script></svg>");
    script("<svg><defs><script type=importmap>{}</script></defs></svg>", "{}");
}

#[test]
fn mathml_scripts_are_inert_and_html_comes_back_at_integration_points() {
    nothing("<math><script>x</script><style>x</style></math>");
    for open in [
        "<svg><foreignObject>",
        "<svg><desc>",
        "<svg><title>",
        "<math><mi>",
        "<math><mo>",
        "<math><mn>",
        "<math><ms>",
        "<math><mtext>",
        "<math><annotation-xml encoding=text/html>",
        "<math><annotation-xml encoding=application/XHTML+xml>",
    ] {
        script(format!("{open}<script>a&amp;b</script>"), "a&amp;b");
    }
    script("<math><annotation-xml><svg><script>a&amp;b</script>", "a&b");
    nothing("<math><annotation-xml encoding=x><script>a&amp;b</script>");
}

#[test]
fn what_ends_foreign_content_ends_it() {
    for open in [
        "<svg/>",
        "<div><svg><circle></div>",
        "<svg><p>",
        "<svg><svg><p>",
        "<svg></p>",
        "<svg></br>",
        "<svg><font color=x>",
        "<svg><g></svg>",
        "<p><svg><g></p>",
        "<table><tr><td><svg></td>",
        "<svg><desc></svg>",
    ] {
        script(format!("{open}<script>a&amp;b<c</script>"), "a&amp;b<c");
    }
    for open in ["<svg>", "<svg><font>", "<svg></g>", "<svg><desc></desc>", "<svg></div>", "<svg><a>"] {
        script(format!("{open}<script>a&amp;b<c></c></script>"), "a&b");
    }
}

#[test]
fn scripts_in_what_is_no_markup_are_dead() {
    for html in [
        "<!-- <script>x</script> -->",
        "<!--[if IE]><script>x</script><![endif]-->",
        "<textarea><script>x</script></textarea>",
        "<title><script>x</script></title>",
        "<xmp><script>x</script></xmp>",
        "<iframe><script>x</script></iframe>",
        "<noembed><script>x</script></noembed>",
        "<noframes><script>x</script></noframes>",
        "<noscript><script>x</script></noscript>",
        "<plaintext><script>x</script></plaintext>",
        "<![CDATA[ <script>x</script> ]]>",
        "</ <script>x</script>",
    ] {
        nothing(html);
    }
    style("<style><script>x</script></style>", "<script>x</script>");
}

#[test]
fn scripts_after_odd_comments_are_live() {
    for html in [
        "<!--><script>x</script>-->",
        "<!---><script>x</script>-->",
        "<!-- --!><script>x</script>",
        "<![if !IE]><script>x</script><![endif]>",
        "<? x ><script>x</script> ?>",
        "<?php if (a->b) { echo \"<script>x</script>\"; } ?>",
        "<object><script>x</script></object>",
        "<video><script>x</script></video>",
        "<canvas><script>x</script></canvas>",
        "<select><script>x</script></select>",
        "<select><option><script>x</script></select>",
        "<table><script>x</script></table>",
    ] {
        script(html, "x");
    }
}

#[test]
fn script_text_ends_where_the_tokenizer_ends_it() {
    script("<script>a<!--<script>b</script>c--></script>", "a<!--<script>b</script>c-->");
    script("<script><!-- a</script>b-->", "<!-- a");
    script("<script>a</script/>b", "a");
    script("<script>a</script x='>'>b", "a");
    script("<script>a</script\x0c>b", "a");
    script("<script>a</scriptx></script >b", "a</scriptx>");
    script("<script>a</SCRIPT>", "a");
    script("<meta charset=utf-8><script>a</script\0></script>", "a</script\u{fffd}>");
    script("<script>//<![CDATA[\na&amp;b\n//]]></script>", "//<![CDATA[\na&amp;b\n//]]>");
    script("<script><!--<script></script x='</script>'></script>", "<!--<script></script x='");
}

#[test]
fn scripts_that_never_run_are_not_hashed() {
    assert_eq!(codes("<p><script>x"), [Code::UnclosedScript]);
    nothing("<p><script>x");
    nothing("<p><script type=importmap>{}");
    nothing("<svg><script>x</svg>");
    nothing("<svg><script>x<p>");
    nothing("<svg><script>x");
    nothing("<svg><script>x<b>y</b></script></svg>");
    nothing("<frameset><script>x</script><style>x</style></frameset>");
    hashes(
        "<frameset onload=a><frame src='javascript:b'><p onclick=c></frameset>",
        &[(EventHandler, "a"), (JavascriptUrl, "javascript:b")],
    );
}
