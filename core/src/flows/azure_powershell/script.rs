//! What PowerShell is told to do.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Stands before a token in the output.
pub(super) const TOKEN: &str = "entrada%";
/// What is printed where the module is missing.
pub(super) const NO_MODULE: &str = "entrada-no-module";

/// The script that gets a token of this resource. Neither text may hold a quotation mark; the caller has
/// checked them.
pub(super) fn script(resource: &str, tenant: Option<&str>) -> String {
    let tenant = tenant.map(|tenant| format!("$ask['TenantId'] = '{tenant}'")).unwrap_or_default();
    format!(
        "$ErrorActionPreference = 'Stop'
$module = @(Import-Module Az.Accounts -MinimumVersion 2.2.0 -PassThru -ErrorAction SilentlyContinue)[0]
if (-not $module) {{ '{NO_MODULE}'; exit 0 }}
$ask = @{{ ResourceUrl = '{resource}'; WarningAction = 'Ignore' }}
{tenant}
if ($module.Version -ge [version]'2.17.0' -and $module.Version -lt [version]'5.0.0') {{ $ask['AsSecureString'] = $true }}
$got = Get-AzAccessToken @ask
$text = $got.Token
if ($text -is [System.Security.SecureString]) {{
  if ($PSVersionTable.PSVersion.Major -ge 7) {{ $text = ConvertFrom-SecureString -SecureString $text -AsPlainText }}
  else {{
    $place = [System.Runtime.InteropServices.Marshal]::SecureStringToBSTR($text)
    try {{ $text = [System.Runtime.InteropServices.Marshal]::PtrToStringBSTR($place) }}
    finally {{ [System.Runtime.InteropServices.Marshal]::ZeroFreeBSTR($place) }}
  }}
}}
''
'{TOKEN}' + $text + '%' + $got.ExpiresOn.ToUnixTimeSeconds() + '%' + $got.TenantId
"
    )
}

/// As PowerShell takes a script on its command line: base64 of UTF-16, so that nothing is quoted.
pub(super) fn encoded(script: &str) -> String {
    let bytes: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    STANDARD.encode(bytes)
}
