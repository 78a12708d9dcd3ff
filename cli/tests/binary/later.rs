//! An old command against a table of a later version.

use aws_sdk_dynamodb::types::AttributeValue;
use callbook_local::engine::{AccessKey, TABLE, client};

use crate::support::{CommandOutput, Operator};

const LATER: &str = "a later version of Callbook wrote";
const UPDATE: &str = "Install the version of this command that the deployment has";

/// Updates the item of an operator's account.
pub async fn change_account(operator: &Operator, expression: &str) {
    let exports = &operator.server.exports;
    let key = AccessKey::new(
        &exports["AWS_ACCESS_KEY_ID"],
        &exports["AWS_SECRET_ACCESS_KEY"],
    );
    let engine = client(&exports["AWS_ENDPOINT_URL_DYNAMODB"], &key);
    let text = |text: String| AttributeValue::S(text);
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let update = engine
        .update_item()
        .table_name(TABLE)
        .key("pk", text(format!("A#{}", operator.account)))
        .key("sk", text("ACCOUNT".to_owned()))
        .update_expression(expression);
    let update = match expression.contains(":one") {
        true => update.expression_attribute_values(":one", number("1")),
        false => update,
    };
    let update = match expression.contains(":many") {
        true => update.expression_attribute_values(":many", number("90")),
        false => update,
    };
    update.send().await.expect("the account is changed");
}

fn rename(operator: &Operator) -> CommandOutput {
    operator.run(&[
        "account",
        "update",
        &operator.account,
        "--name",
        "Ops team 2",
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_command_keeps_what_a_later_version_wrote() {
    let operator = Operator::new("UTC");
    change_account(&operator, "SET retention_days = :many").await;
    assert_eq!(rename(&operator).code, 0);
    // The engine refuses the update if the attribute is gone.
    change_account(&operator, "SET retention_days = retention_days + :one").await;
    let audited = operator.run(&["audit", "--account", &operator.account]);
    assert_eq!(audited.code, 0, "{}{}", audited.stdout, audited.stderr);
    let migrated = operator.run(&["migrate"]);
    assert_eq!(migrated.code, 0, "{}", migrated.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_command_refuses_an_account_of_a_later_version() {
    let operator = Operator::new("UTC");
    for expression in ["SET v = :many", "SET v = :one, layout = :many"] {
        change_account(&operator, expression).await;
        let account = operator.account.as_str();
        for arguments in [
            &["account", "show", account][..],
            &["account", "list"],
            &["account", "update", account, "--name", "Other"],
            &["credential", "create", "tld", "--account", account],
            &["migrate"],
            &["audit", "--account", account],
        ] {
            let refused = operator.run(arguments);
            assert_eq!(refused.code, 1, "{arguments:?}: {}", refused.stdout);
            let (said, advised) = (
                refused.stderr.contains(LATER),
                refused.stderr.contains(UPDATE),
            );
            assert!(said && advised, "{arguments:?}: {}", refused.stderr);
        }
    }
    change_account(&operator, "REMOVE layout").await;
}
