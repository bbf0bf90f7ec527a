use super::*;
use crate::endpoint::{Endpoint, PlainHttp};
use crate::scope::Scopes;

fn scope(cloud: &'static Cloud, address: &str) -> Option<String> {
    let service = Audiences::of_cloud(cloud).service(address).ok()?;
    Some(service.request().scopes().joined().to_owned())
}

#[test]
fn every_service_of_every_cloud() {
    for (cloud, address, expected) in [
        (Cloud::PUBLIC, "https://management.azure.com/x", "https://management.azure.com/.default"),
        (Cloud::PUBLIC, "HTTPS://Management.Azure.COM:443/x", "https://management.azure.com/.default"),
        (Cloud::PUBLIC, "https://graph.microsoft.com/v1.0/me", "https://graph.microsoft.com/.default"),
        (Cloud::PUBLIC, "https://eastus.api.azureml.ms/x", "https://ml.azure.com/.default"),
        (Cloud::PUBLIC, "https://e.eastus.inference.ml.azure.com/score", "https://ml.azure.com/.default"),
        (Cloud::PUBLIC, "https://ml.azure.com/api", "https://ml.azure.com/.default"),
        (Cloud::CHINA, "https://management.chinacloudapi.cn", "https://management.chinacloudapi.cn/.default"),
        (
            Cloud::CHINA,
            "https://microsoftgraph.chinacloudapi.cn",
            "https://microsoftgraph.chinacloudapi.cn/.default",
        ),
        (Cloud::CHINA, "https://chinaeast2.api.ml.azure.cn", "https://ml.azure.cn/.default"),
        (Cloud::US_GOVERNMENT, "https://usgovarizona.api.ml.azure.us", "https://ml.azure.us/.default"),
        (Cloud::US_GOVERNMENT, "https://graph.microsoft.us", "https://graph.microsoft.us/.default"),
    ] {
        assert_eq!(scope(cloud, address).as_deref(), Some(expected), "{address}");
    }
}

#[test]
fn nothing_that_only_looks_alike() {
    for address in [
        "",
        "/subscriptions",
        "management.azure.com/x",
        "http://management.azure.com/x",
        "https://management.azure.com:8443/x",
        "https://management.azure.com./x",
        "https://evilmanagement.azure.com/x",
        "https://x.management.azure.com/x",
        "https://management.azure.com.evil.example/x",
        "https://management.azure.com@evil.example/x",
        "https://evil.example/management.azure.com",
        "https://evil.example?x=https://management.azure.com",
        "https://evil.example#management.azure.com",
        "https://evil.example\\@management.azure.com",
        "https://u:p@management.azure.com/",
        "https://xapi.azureml.ms/",
        "https://api.azureml.ms/",
        "https://.api.azureml.ms/",
        "https://a..api.azureml.ms/",
        "https://a_b.api.azureml.ms/",
        "https://eastus.api.azureml.ms.evil.example/",
        "https://eastus.api.azureml.msx/",
        "https://management.аzure.com/",
        "https://vault.azure.net/",
        "https://login.microsoftonline.com/",
        "https://management.chinacloudapi.cn/",
        "https://169.254.169.254/",
        "https://[::1]/",
        "ftp://management.azure.com/",
        "data:management.azure.com",
    ] {
        assert_eq!(scope(Cloud::PUBLIC, address), None, "{address}");
    }
    let error = Audiences::of_cloud(Cloud::PUBLIC).service("https://graph.microsoft.us/").unwrap_err();
    assert!(error.to_string().contains("AzureUSGovernment"), "{error}");
    let error = Audiences::of_cloud(Cloud::PUBLIC).service("https://arm.example/").unwrap_err();
    let remedy = error.remedy().unwrap_or_default();
    for named in
        ["management.azure.com, graph.microsoft.com, ml.azure.com, *.api.azureml.ms", "--arm-endpoint"]
    {
        assert!(remedy.contains(named), "{error}");
    }
    let error = Audiences::none().service("https://management.azure.com/").unwrap_err();
    assert!(error.to_string().contains("the tokens are of what was configured: nothing"), "{error}");
}

#[test]
fn what_was_configured_is_told_apart_by_the_path() {
    let at = |dialect, scope: &str| {
        let endpoint = Endpoint::authority("http://127.0.0.1:9", PlainHttp::OnLoopback).unwrap();
        Service::new(endpoint, Scopes::of_resource(scope).unwrap(), dialect)
    };
    let all = Audiences::none()
        .with(at(Dialect::ResourceManager, "https://arm"))
        .with(at(Dialect::Graph, "https://graph"))
        .with(at(Dialect::MachineLearning, "https://ml"));
    let scope = |all: &Audiences, address: &str| {
        all.service(address).map(|service| service.request().scopes().joined().to_owned()).unwrap_or_default()
    };
    assert_eq!(scope(&all, "http://127.0.0.1:9/subscriptions"), "https://arm/.default");
    assert_eq!(scope(&all, "http://127.0.0.1:9/v1.0/me"), "https://graph/.default");
    assert_eq!(scope(&all, "http://127.0.0.1:9/history/v1.0"), "https://ml/.default");
    for other in
        ["http://127.0.0.1:8/x", "https://127.0.0.1:9/x", "http://localhost:9/x", "http://u@127.0.0.1:9/"]
    {
        assert_eq!(scope(&all, other), "", "{other}");
    }
    let error = all.service("https://management.azure.com/subscriptions").unwrap_err();
    assert!(error.to_string().contains("of what was configured: 127.0.0.1"), "{error}");
    let one = Audiences::none().with(at(Dialect::Graph, "https://graph"));
    assert_eq!(scope(&one, "http://127.0.0.1:9/subscriptions"), "https://graph/.default");
}
