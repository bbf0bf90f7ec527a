//! How the errors of services are told: their ids, and what to do.

use entrada_core::call::Operation;
use entrada_core::graph::Graph;
use entrada_core::{Cloud, ErrorKind};

use crate::support::{answered, call};

#[test]
fn errors_of_graph_name_their_ids_and_a_remedy() {
    let graph = Graph::of_cloud(Cloud::PUBLIC).unwrap();
    let document = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation.","innerError":{"date":"2026-01-01T00:00:00","request-id":"a","client-request-id":"b"}}}"#;
    let headers: &[(&str, &str)] = &[
        ("request-id", "11111111-2222-3333-4444-555555555555"),
        ("client-request-id", "66666666-7777-8888-9999-000000000000"),
    ];
    let (result, asked, _) = answered(Box::new(graph.get(&["me"], "you")), &[(403, headers, document)]);
    let error = result.unwrap_err();
    assert_eq!(asked, ["GET https://graph.microsoft.com/v1.0/me"]);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Forbidden, Some("Authorization_RequestDenied")));
    assert_eq!(error.trace_id(), Some("11111111-2222-3333-4444-555555555555"));
    assert_eq!(error.correlation_id(), Some("66666666-7777-8888-9999-000000000000"));
    assert!(error.detail().unwrap().contains("Insufficient privileges"));
    assert!(error.remedy().unwrap().contains("Application.ReadWrite.OwnedBy"));
    for text in ["", "<html>", "[]", r#"{"error":"x"}"#, r#"{"error":{"code":3}}"#] {
        let body: &'static str = text.to_owned().leak();
        let (result, ..) = answered(Box::new(graph.get(&["me"], "you")), &[(403, &[], body)]);
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Forbidden, "{text}");
    }
}

#[test]
fn what_is_forbidden_says_which_role_is_missing() {
    const OBJECT: &str = "b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02";
    let group = ["subscriptions", "c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09", "resourceGroups", "g"];
    let workspace =
        [&group[..], &["providers", "Microsoft.MachineLearningServices", "workspaces", "w"]].concat();
    for (body, remedy) in [
        (
            r#"{"error":{"code":"AuthorizationPermissionMismatch","message":"No."}}"#,
            "Storage Blob Data Contributor",
        ),
        // As another service passes it on.
        (
            r#"{"error":{"code":"UserError","message":"Upload failed: This request is not authorized to perform this operation using this permission."}}"#,
            "Storage Blob Data Contributor",
        ),
        (
            r#"{"error":{"code":"UserError","message":"Identity(object id: b1d9f7a4-41f3-4a88-9b1a-0c5e6d7f8a02) does not have permissions for Microsoft.MachineLearningServices/workspaces/models/write actions."}}"#,
            "--role \"AzureML Data Scientist\" --scope /subscriptions/c07b4c83-5e95-40c6-81d7-8c5d6e7f9a09/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w (",
        ),
        // One that names nobody is told in general.
        (
            r#"{"error":{"code":"UserError","message":"Identity(object id: `reboot`) does not have permissions for x actions."}}"#,
            "AzureML Data Scientist to work",
        ),
    ] {
        let list = call(Operation::get(workspace.clone(), "the models"));
        let (result, asked, _) = answered(Box::new(list), &[(403, &[], body)]);
        let error = result.unwrap_err();
        assert_eq!((error.kind(), asked.len()), (ErrorKind::Forbidden, 1), "{body}");
        assert!(error.remedy().unwrap().contains(remedy), "{error:?}");
        assert_eq!(error.remedy().unwrap().contains(OBJECT), body.contains(OBJECT));
    }
}
