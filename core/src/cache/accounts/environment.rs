//! Environments: the hosts of authorities, of which several may mean the same.

use crate::cloud::Cloud;

/// Whether both hosts are of one authority.
pub(super) fn same(one: &str, other: &str) -> bool {
    let cloud = |host: &str| Cloud::of_authority(host).ok().flatten();
    one.eq_ignore_ascii_case(other) || cloud(one).is_some_and(|of_one| cloud(other) == Some(of_one))
}

#[cfg(test)]
mod tests {
    use super::same;

    #[test]
    fn aliases_of_one_cloud_are_one() {
        for (one, other, alike) in [
            ("login.microsoftonline.com", "LOGIN.windows.net", true),
            ("sts.windows.net", "login.microsoft.com", true),
            ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn", true),
            ("login.microsoftonline.com", "login.microsoftonline.us", false),
            ("login.microsoftonline.de", "login.microsoftonline.de", true),
            ("login.microsoftonline.de", "login.windows.net", false),
            ("sts.contoso.example", "STS.contoso.example", true),
            ("sts.contoso.example", "sts.fabrikam.example", false),
            ("", "login.windows.net", false),
        ] {
            assert_eq!(same(one, other), alike, "{one} {other}");
            assert_eq!(same(other, one), alike, "{other} {one}");
        }
    }
}
