use super::runs::NARROWEST;
use super::*;

mod long;

const GUID: &str = "fb3d2015-bc17-4bb9-bb85-30c5cf1aaaa7";

#[test]
fn secrets_do_not_come_through() {
    let known = [Secret::new("s3cr et/+")];
    let mut through = Vec::new();
    for text in [
        "you sent s3cr et/+ to me",
        "client_secret=s3cr+et%2F%2B&x=1",
        r#"{"accessToken":"canary-abc"}"#,
        r#"{"accessToken" : "canary-abc", "x": 1}"#,
        "refresh_token=canary&x=1",
        r#"{"errorCode":"x","code":"canary-abc-0123-xyz"}"#,
        "https://localhost/?code=0.AXoAcanary0canary&state=x",
        "code=M.C1_BAY.2.U.canary!canary*canary$$",
        r#"{"device_code":"canary","user_code":"canary2"}"#,
        r#"{"ErrorCode":"eyJcanarycanarycanary.abc.def"}"#,
        "Bearer eyJcanarycanarycanary.abc.def",
        "t=eyJcanarycanarycanary.abc.def",
        "https://host/back/eyJcanarycanarycanary.abc.def",
        "{\\\"access_token\\\":\\\"canary\\\"}",
        "Authorization: Bearer canary/opaque+token",
        "authorization: basic canary0canary0canary",
        "Authorization: Basic canary",
        "accessToken: canary",
        "refresh_token:canary",
        "- client_secret: |\n    canary",
        "client-secret: >-\n  canary\n",
        "password:\tcanary,;&canary",
        "token: canary0canary0canary0canary",
        "password = canary1",
        "client_secret\n  = canary1",
        "key = canary0canary0canary0canary",
        "token: canary0canary0canary0canary, and no more",
        "<access_token>canary0pa</access_token>",
        "<s:Password Type=\"x#y\">canary>0 pa</s:Password>",
        "<password>can>ary</password> <password>canary",
        "<S N=\"accessToken\">canary0pa</S>",
        "accessToken 'canary0pa'",
        "accessToken \"canary 0pa",
        "AccessToken('canary0pa', 1)",
        "AccessToken( \"canary0 pa\" )",
        "access_token%3Dcanary0pa",
        "access_token%253dcanary0pa",
        "%22access_token%22%3A%22canary0pa%22",
        "&quot;accessToken&quot;: &quot;canary 0pa&quot;",
        "\\u0022accessToken\\u0022:\\u0022canary 0\\u0022",
        "\\\"accessToken\\\" => \\\"canary0pa\\\"",
        "$ask['accessToken'] = 'canary 0pa'",
        "refreshToken:\"canary\\\"tail canary0\"",
        "{\\\"refreshToken\\\":\\\"canary\\\\\\\" canary0\\\", \\\"x\\\":1}",
        "password: 'can''canary'",
        "--client-secret canary0pa --password canary1 --token \"canary 2\"",
        "-Password canary1, -AccessToken canary0pa.",
        "e\0y\0J\0c\0a\0n\0a\0r\0y\0c\0a\0n\0a\0r\0y\0c\0a\0n\0a\0r\0y\0",
        "\"accessToken\"\u{1b}[0m: \u{1b}[32m\"canary1\"\u{1b}[0m",
        "\u{9b}1;31maccess\u{1b}[4mToken: \u{1b}[0mcanary1",
        r#"{"accessToken":["canary1", "canary2"]}"#,
        r#"{"token": [ "a]", 'canary' , "canary" ], "x": 1}"#,
        r#"<Property Name="Token" Type="System.String">canary</Property>"#,
        r#"<S N="MyPassword" x="y">canary 1</S>"#,
        "<password><![CDATA[canary <1>]]></password>",
        "<password><![CDATA[canary 1",
        "accessToken -> canary1",
        "accessToken->canary1",
        "Authorization: SharedKey acct:canary",
        "x\n> authorization: X type=\"x\", sig=\"canary\"",
        "curl -H 'Authorization: SharedKey acct:canary' https://host",
        "[\"Authorization: Digest a=\\\"b\\\", c=\\\"canary\\\"\"]",
        "it sent Authorization: SharedKey acct:canary",
        "it sent Authorization: Bearer canary",
        "it sent cookie: a=1; b=canary",
        "'GET /\\r\\nAuthorization: Custom canary\\r\\nx: y'",
        "authorization=Bearer canary",
        "Set-Cookie: a=1 ; b=canary",
        "https://store.example/c?sv=2024&sig=canary%2Bcanary%3D&se=1",
        "http://joe:canary@proxy:8080 or ftp://joe:canary%40@host/a@b",
        "Server=x;Uid=joe;Pwd=canary;",
        "DB_PASS=canary1 pass=canary2",
        "passwd: canary1",
        "it's password 'canary\nERROR: no",
        &format!("it was canary//{}", "Ab/9".repeat(40)),
        &format!("it was /subscriptions/{}", "canary/9".repeat(20)),
        &format!("it was /subscriptions/{GUID}/{}", "canary".repeat(20)),
        &format!("it was /providers/A.B/{}", "canary+/".repeat(20)),
        &format!("it was Some.Words/kinds/{}", "canary".repeat(20)),
        &format!("it was Some.Words/kinds/canary~{}", "/kinds/x".repeat(20)),
        &format!("it was 0.canary/{}", "Ab9x/".repeat(20)),
        &format!("it was Some.Words/{}", "canary9/".repeat(20)),
    ] {
        let cleaned = clean(text, &known);
        if cleaned.contains("canary") || cleaned.contains("s3cr") {
            through.push(format!("{text} -> {cleaned}"));
        }
    }
    assert!(through.is_empty(), "{through:#?}");
}

/// What a tool prints that breaks its lines at this column.
fn folded(text: &str, column: usize, before: &str) -> String {
    let lines = text.as_bytes().chunks(column).map(|line| String::from_utf8_lossy(line).into_owned());
    lines.collect::<Vec<_>>().join(&format!("\n{before}"))
}

#[test]
fn no_piece_of_a_folded_token_comes_through() {
    let jwt = format!("eyJ{}.eyJ{}.{}", "canary".repeat(12), "canary".repeat(30), "canary".repeat(20));
    let opaque = format!("refresh_token=0.A{}", "canary".repeat(30));
    for token in [&jwt, &format!("\"{jwt}\""), &format!("accessToken: {jwt}"), &opaque] {
        for before in ["", "     | ", "  "] {
            for column in 24..=120 {
                let text = format!("it was {} and no more", folded(token, column, before));
                let cleaned = clean(&text, &[]);
                for piece in ["canary", "anaryc", "naryca", "aryc", "can"] {
                    assert!(!cleaned.contains(piece), "{column}: {text} -> {cleaned}");
                }
                assert!(cleaned.ends_with("no more"), "{cleaned}");
            }
        }
    }
    // A narrow window, where lines may be shorter than any token.
    let jwt = format!("eyJ{0}.eyJ{0}{0}.{0}", "canary".repeat(6));
    for token in [&jwt, &format!("\"{jwt}\""), &format!("accessToken: {jwt}")] {
        for before in ["", "     | ", "  "] {
            for column in NARROWEST..24 {
                let text = format!("it was {} and no more", folded(token, column, before));
                let cleaned = clean(&text, &[]);
                for piece in ["canary", "anaryc", "naryca", "aryc", "can"] {
                    assert!(!cleaned.contains(piece), "{column}: {text} -> {cleaned}");
                }
                assert!(cleaned.ends_with("no more"), "{cleaned}");
            }
        }
    }
    for (text, shown) in [
        (format!("{jwt} was refused"), format!("{MASK} was refused")),
        (format!("{jwt} {GUID}"), format!("{MASK} {GUID}")),
        (format!("| {jwt}\n| expiresOn: never"), format!("| {MASK} | expiresOn: never")),
    ] {
        assert_eq!(clean(&text, &[]), shown);
    }
}

#[test]
fn a_secret_is_found_however_it_was_encoded() {
    let known = [Secret::new("abc8Q~/+canary")];
    for text in ["abc8Q%7e%2f%2bcanary", "abc8Q%7E%2F%2Bcanary", "abc8Q~%2f%2bcanary", "abc8Q~/+canary"] {
        let cleaned = clean(&format!("bad value {text}"), &known);
        assert!(!cleaned.contains("canary"), "{text} -> {cleaned}");
    }
}

#[test]
fn no_spelling_is_shorter_than_the_secret() {
    for secret in ["abcd", "a b ", "\"\\\n\u{1}", "é\u{1f600}", "%7e%7E&<>", "    "] {
        for form in spellings(secret) {
            assert!(form.len() >= secret.len(), "{secret:?} {form:?}");
        }
        // A text that is nothing but the secret, and one that spells it at length.
        for text in [secret, &spellings(secret)[0]] {
            assert_eq!(clean(text, &[Secret::new(secret)]), MASK, "{secret:?}");
        }
    }
}

#[test]
fn prose_stays() {
    let mut changed = Vec::new();
    for text in [
        "AADSTS7000215: Invalid client secret provided.",
        "Ensure the secret being sent: not the ID",
        "There is no token: sign in, with another key: AADSTS7000215, code: InvalidAuthenticationTokenTenant",
        "scope https://management.azure.com/.default is wrong",
        "Get-AzAccessToken: AADSTS500011: The resource principal was not found.",
        "Get-AzAccessToken : The term 'x' is not recognized",
        "certificate with --password. Please note that --password no longer accepts it (use --token, or --key).",
        "<Error><Code>AuthenticationFailed</Code><Key>x</Key></Error>",
        "The parameter 'password' 'username' is missing, a password 3 times, the access token (JWT)",
        "<h1>Proxy Authorization Required</h1> <p>The secret <b>was</b> read</p>",
        "it took key 'x', or token(s); see secret > 1 or code (2)",
        r#"{"ErrorCode":"invalid_resource","statusCode":"BadRequest","error_code":"unknown","Message":"no"}"#,
        GUID,
        &format!(
            "ID '/subscriptions/{GUID}/providers/Microsoft.Authorization/roleDefinitions/{GUID}' is not there."
        ),
        &format!("/providers/Microsoft.Authorization/roleDefinitions/{GUID}/and/so/on/and/so/on"),
        "The Resource 'Microsoft.MachineLearningServices/workspaces/my-workspace-1/onlineEndpoints/my-endpoint-1' was not found.",
        "exit code=1 AADSTS50076 BadRequest",
        "StatusCode=404 Code=\"Forbidden\" at /error?code=50076 (code=AuthorizationFailed)",
        r#"{"code":"InvalidAuthenticationToken","message":"no"}"#,
        r#"{"code":"Authorization_RequestDenied","innerError":{"code":"token_not_yet_valid"}}"#,
        "Invalid password: AADSTS50126: no such user, token=AADSTS50013",
        "Invalid authorization: user not allowed",
        "Microsoft.Authorization: denied with 403",
        "cookie: invalid name",
        "bypass=1 https://host:443/a:b@c http://joe@proxy",
        "the secret -> use another",
    ] {
        let cleaned = clean(text, &[]);
        if cleaned != text {
            changed.push(format!("{text} -> {cleaned}"));
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn what_stands_beside_a_secret_stays() {
    let jwt = format!("eyJ{}", "canary".repeat(12));
    let mut changed = Vec::new();
    for (text, shown) in [
        ("a token=abc\nPlease ask ada", "a token=[redacted] Please ask ada"),
        ("password=abc AADSTS50076 BadRequest", "password=[redacted] AADSTS50076 BadRequest"),
        (&format!("{jwt} AADSTS50076 BadRequest"), "[redacted] AADSTS50076 BadRequest"),
        (&format!("{jwt}\nAADSTS50076 BadRequest"), "[redacted] AADSTS50076 BadRequest"),
        (
            "WARNING: it's password 'abc\nERROR: AADSTS50076: mfa needed",
            "WARNING: it's password [redacted] ERROR: AADSTS50076: mfa needed",
        ),
        (
            "\u{1b}[31;1mGet-AzAccessToken: \u{1b}[31;1mRun Connect-AzAccount\u{1b}[0m",
            "Get-AzAccessToken: Run Connect-AzAccount",
        ),
        ("a\u{1b}[1\nb\u{1b}[", "a b"),
        ("Authorization: X y\nIt was refused", "Authorization: [redacted] It was refused"),
        ("-H 'Authorization: X y' it was refused", "-H 'Authorization: [redacted]' it was refused"),
        (r#"{"accessToken":["a", "b"],"x":1}"#, r#"{"accessToken":[redacted],"x":1}"#),
        ("http://joe:pa55@proxy:8080 is down", "http://joe:[redacted]@proxy:8080 is down"),
        ("<password><![CDATA[a b]]></password> no", "<password>[redacted]</password> no"),
    ] {
        let cleaned = clean(text, &[]);
        if cleaned != shown {
            changed.push(format!("{text} -> {cleaned}"));
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn lines_stay_where_they_were() {
    for text in [
        "a\n\u{1b}[1\nb",
        "token: 'a\nb'",
        "password: |\n  a\nb",
        "password: 'a\nb",
        "Cookie: a=1\nb",
        "token:['a',\n'b'\n]",
        "<password><![CDATA[a\nb]]></password>",
    ] {
        let masked = mask(&format!("{text}\nend"), &[]);
        assert_eq!(masked.lines().position(|line| line == "end"), Some(text.lines().count()), "{text}");
    }
}

#[test]
fn one_line_and_short() {
    assert_eq!(clean("a\r\nb\u{7}c\td", &[]), "a b c d");
    assert!(clean(&"word ".repeat(400), &[]).chars().count() <= MOST + 1);
    assert!(clean(&"é".repeat(4000), &[]).chars().count() <= MOST + 1);
}
