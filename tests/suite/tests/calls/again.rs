//! What is repeated after a failure, and what is not.

use entrada_core::call::Operation;

use crate::support::{Answer, answered, call};

#[test]
fn what_is_asked_again() {
    let path = ["x"];
    let cases: [(Operation, [usize; 5]); 7] = [
        // After 503, a broken connection, 429, a conflict of the directory, 403.
        (Operation::get(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::put(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::delete(path, "it"), [4, 4, 4, 4, 1]),
        (Operation::post(path, "it"), [1, 1, 4, 4, 1]),
        (Operation::patch(path, "it"), [1, 1, 4, 4, 1]),
        (Operation::post(path, "it").repeatable(), [4, 4, 4, 4, 1]),
        (Operation::of_method("patch", path, "it").unwrap().repeatable(), [4, 4, 4, 4, 1]),
    ];
    let conflict = r#"{"error":{"code":"Directory_ConcurrencyViolation","message":"m"}}"#;
    let failures: [Answer; 5] =
        [(503, &[], ""), (0, &[], ""), (429, &[], ""), (409, &[], conflict), (403, &[], "")];
    for (operation, tries) in cases {
        for (failure, tries) in failures.iter().zip(tries) {
            let (result, asked, _) = answered(Box::new(call(operation.clone())), &[*failure]);
            assert_eq!((result.is_err(), asked.len()), (true, tries), "{operation:?} after {failure:?}");
        }
    }
    // Another refusal of the same status is final.
    let (_, asked, _) = answered(Box::new(call(Operation::put(path, "it"))), &[(409, &[], "{}")]);
    assert_eq!(asked.len(), 1);
    assert!(Operation::of_method("TRACE", path, "it").is_none());
}
