use super::super::*;

/// Whatever is looked at behind a name, and not masked, is looked at once: a mebibyte takes no longer than it is long.
#[test]
fn a_long_text_is_cleaned() {
    for nasty in [
        "key:",
        "key: ",
        "key=",
        "key= ",
        "key>",
        "password>",
        "password> ",
        "<token ",
        "<o:token ",
        ":token ",
        "token(",
        "key%3A",
        "key\"",
        "key\\",
        "key&quot;",
        "--key ",
        "--key x ",
        "-password -",
        "token\n",
        "key: - ",
        "key:Bearer ",
        "accessToken:",
        "accessToken 'a",
        "\\\"key\\\":\\\"",
        "eyJ",
        "eyJ ",
        "a\n",
        "| ",
        "/providers/A.B/",
        "key:a=",
        "key=\"AADSTS1 ",
        "code:[\"a\",",
        "token:[\"token:['x',\",",
        "name=\"token\" ",
        "token><![CDATA[",
        "password><![CDATA[",
        "authorization: x ",
        "'authorization: x ",
        "code=' \" ",
        "://a:",
        "://a:b@",
        "\"cookie: x 'cookie: y ",
        "\\ncookie: x ",
        "\u{1b}[",
        "\u{1b}[1;",
        "{",
        "\0",
    ] {
        let text = nasty.repeat((1 << 20) / nasty.len());
        assert!(clean(&text, &[]).chars().count() <= MOST + 1, "{nasty}");
    }
    // Quotation marks of which none is the second of another.
    let text: String = (0..1400).map(|depth| format!("code={}\" ", "\\".repeat(depth))).collect();
    assert!(clean(&text, &[]).chars().count() <= MOST + 1);
}
