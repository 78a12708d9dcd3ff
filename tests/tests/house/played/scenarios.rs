//! What goes wrong.

use callbook::model::credential::{CredentialKind, Limits, Status};
use callbook_local::engine::TABLE;
use callbook_tests::vendors::Sent;

use super::cloudwatch::MINUTE;
use super::stage::{Stage, Way};

/// Something that goes wrong, and the alarm that notices it.
pub struct Scenario {
    pub what: &'static str,
    pub alarm: &'static str,
    /// Within how many minutes it has to fire at least.
    pub most: i64,
    /// How many minutes pass between two looks.
    pub step: i64,
    wrong: Wrong,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    SmallFunctionFails,
    Crash,
    RefusedCredential,
    NoConcurrency,
    ThrottledEachMinute,
    ThrottledMostMinutes,
    ThrottledNowAndThen,
    GatewayThrottles,
    QuotaUsedUp,
    AboveLimits,
    OtherSecret,
    UnknownKey,
    NewFormat,
    BrokenBodies,
    OneStops,
    AllStop,
    OneIsNotCalled,
    OneIsSlow,
    NoCall,
    NobodyCalls,
    FencedDid,
    SumsBehind,
}

const fn scenario(what: &'static str, alarm: &'static str, most: i64, wrong: Wrong) -> Scenario {
    Scenario {
        what,
        alarm,
        most,
        step: 1,
        wrong,
    }
}

pub const SCENARIOS: &[Scenario] = &[
    scenario(
        "one function with few requests answers 5xx to all of them",
        "InboundBillableServerErrorsAlarm",
        15,
        Wrong::SmallFunctionFails,
    ),
    scenario(
        "a function crashes once",
        "CallerIdErrorsAlarm",
        5,
        Wrong::Crash,
    ),
    scenario(
        "a vendor's credential was disabled and is still used",
        "RefusedCredentialsAlarm",
        5,
        Wrong::RefusedCredential,
    ),
    scenario(
        "the AWS account's concurrency is used up now and then",
        "GatewayFailuresAlarm",
        10,
        Wrong::NoConcurrency,
    ),
    scenario(
        "the store throttles every minute",
        "TableWriteThrottlesAlarm",
        5,
        Wrong::ThrottledEachMinute,
    ),
    scenario(
        "the store throttles in 4 minutes of 5",
        "TableWriteThrottlesAlarm",
        5,
        Wrong::ThrottledMostMinutes,
    ),
    scenario(
        "the store throttles in every fifth minute",
        "TableWriteThrottlesAlarm",
        15,
        Wrong::ThrottledNowAndThen,
    ),
    scenario(
        "the gateway refuses requests above `ThrottlingRate`",
        "GatewayThrottlesAlarm",
        5,
        Wrong::GatewayThrottles,
    ),
    scenario(
        "a credential's quota is used up",
        "QuotasUsedUpAlarm",
        5,
        Wrong::QuotaUsedUp,
    ),
    scenario(
        "a client is above its limit of a minute all the time",
        "LimitsReachedAlarm",
        15,
        Wrong::AboveLimits,
    ),
    scenario(
        "a vendor has a wrong secret",
        "WrongSecretsAlarm",
        15,
        Wrong::OtherSecret,
    ),
    scenario(
        "a vendor has a key that nobody knows",
        "UnknownCredentialsAlarm",
        30,
        Wrong::UnknownKey,
    ),
    scenario(
        "a vendor's format changed: all of its requests are invalid, one a minute",
        "InvalidStreaksAlarm",
        15,
        Wrong::NewFormat,
    ),
    scenario(
        "a vendor's bodies are no JSON any more",
        "MalformedBodiesAlarm",
        30,
        Wrong::BrokenBodies,
    ),
    scenario(
        "a credential with `--silent-after 30` sends nothing any more",
        "SilentCredentialsAlarm",
        40,
        Wrong::OneStops,
    ),
    scenario(
        "nothing comes any more, with `SilenceMinutes=60`",
        "SilenceAlarm",
        60,
        Wrong::AllStop,
    ),
    scenario(
        "the gateway cannot call one function with few requests",
        "GatewayFailuresAlarm",
        5,
        Wrong::OneIsNotCalled,
    ),
    scenario(
        "one function with few requests takes 8.4 seconds",
        "PhoneFeedbackDurationAlarm",
        15,
        Wrong::OneIsSlow,
    ),
    Scenario {
        what: "a bill finds no call",
        alarm: "UnmatchedCostsAlarm",
        most: 72 * 60,
        step: 15,
        wrong: Wrong::NoCall,
    },
    scenario(
        "a callee waits and no dialer takes it",
        "OldQueueEntriesAlarm",
        30,
        Wrong::NobodyCalls,
    ),
    scenario(
        "a bill is refused for its DID",
        "RefusedDidsAlarm",
        5,
        Wrong::FencedDid,
    ),
    scenario(
        "summaries fall behind the ledger",
        "RollupLagAlarm",
        5,
        Wrong::SumsBehind,
    ),
];

impl Scenario {
    /// What has to be so before.
    pub async fn prepare(&self, stage: &mut Stage) {
        match self.wrong {
            Wrong::OneStops => {
                let watch = stage.world().ledger.update_credential(
                    &stage.desk.account.id,
                    &stage.feedback.credential.id,
                    |credential| credential.silent_after = Some(30),
                );
                watch.await.unwrap();
            }
            Wrong::QuotaUsedUp | Wrong::AboveLimits => {
                let limits = Limits {
                    per_minute: (self.wrong == Wrong::AboveLimits).then_some(1),
                    per_month: (self.wrong == Wrong::QuotaUsedUp).then_some(5),
                    ..Limits::default()
                };
                let limited = stage.world().ledger.update_credential(
                    &stage.desk.account.id,
                    &stage.feedback.credential.id,
                    |credential| credential.limits = limits,
                );
                limited.await.unwrap();
            }
            Wrong::FencedDid => {
                let fenced = stage.world().ledger.update_credential(
                    &stage.desk.account.id,
                    &stage.tld.credential.id,
                    |credential| credential.dids = Vec::new(),
                );
                fenced.await.unwrap();
            }
            _ => {}
        }
    }

    /// What happens in a minute.
    pub async fn happen(&self, stage: &mut Stage) {
        let minute = stage.minute();
        let tld = stage.tld_credential();
        match self.wrong {
            Wrong::SmallFunctionFails => {
                if minute == 0 {
                    lose_account(stage).await;
                }
                // Feedback does not read the account.
                stage.feeds_back().await;
                stage.bills().await;
            }
            Wrong::Crash => {
                let way = if minute == 0 {
                    Way::Crashed
                } else {
                    Way::Through
                };
                let switch = (
                    CredentialKind::Truecnam,
                    stage.switch.name.clone(),
                    stage.switch.secret.clone(),
                );
                stage.send(&switch, Sent::Well, way).await;
            }
            Wrong::RefusedCredential => {
                if minute == 0 {
                    stage
                        .world()
                        .set_status(&stage.tld.credential, Status::Disabled)
                        .await;
                    stage.world().wait(31);
                }
                stage.all_send().await;
            }
            Wrong::NoConcurrency => {
                stage.all_send().await;
                if minute % 3 == 0 {
                    stage.send(&tld, Sent::Well, Way::NotCalled).await;
                }
            }
            Wrong::ThrottledEachMinute
            | Wrong::ThrottledMostMinutes
            | Wrong::ThrottledNowAndThen => {
                stage.all_send().await;
                let throttled = match self.wrong {
                    Wrong::ThrottledMostMinutes => minute % 5 != 4,
                    Wrong::ThrottledNowAndThen => minute % 5 == 0,
                    _ => true,
                };
                if throttled {
                    stage.table("WriteThrottleEvents", 12.0);
                }
            }
            Wrong::GatewayThrottles => {
                stage.all_send().await;
                stage.send(&tld, Sent::Well, Way::Throttled).await;
            }
            Wrong::QuotaUsedUp => stage.all_send().await,
            Wrong::AboveLimits => {
                stage.all_send().await;
                stage.feeds_back().await;
            }
            Wrong::OtherSecret => {
                stage.calls().await;
                let wrong = (tld.0, tld.1, "0".repeat(64));
                stage.send(&wrong, Sent::Well, Way::Through).await;
            }
            Wrong::UnknownKey => {
                stage.calls().await;
                let wrong = (CredentialKind::Trestle, String::new(), "0".repeat(64));
                stage.send(&wrong, Sent::Well, Way::Through).await;
            }
            Wrong::NewFormat => {
                stage.calls().await;
                stage.send(&tld, Sent::Wanting, Way::Through).await;
            }
            Wrong::BrokenBodies => {
                stage.calls().await;
                let headers = [("x-api-key", stage.feedback.secret.as_str())];
                let path = "/1.0/phone_feedback";
                let sent = stage
                    .world()
                    .send("POST", path, &headers, b"{\"phone\":")
                    .await;
                assert_eq!(sent.status, 400);
                stage.passed(
                    "phone-feedback",
                    "POST /1.0/phone_feedback",
                    Some(400),
                    Way::Through,
                );
            }
            Wrong::OneStops => {
                stage.bills().await;
                stage.calls().await;
            }
            Wrong::AllStop => {}
            Wrong::OneIsNotCalled => {
                stage.all_send().await;
                if minute % 2 == 0 {
                    stage.send(&tld, Sent::Well, Way::NotCalled).await;
                }
            }
            Wrong::OneIsSlow => {
                stage.calls().await;
                let key = (
                    CredentialKind::Trestle,
                    String::new(),
                    stage.feedback.secret.clone(),
                );
                stage.send(&key, Sent::Well, Way::Slow(8_400)).await;
            }
            Wrong::NoCall => {
                if (0..15).contains(&minute) {
                    stage
                        .bill(&[("did", "2065550100"), ("cid", "2065550101"), ("cost", "42")])
                        .await;
                }
            }
            Wrong::NobodyCalls => {
                stage.all_send().await;
                if minute == 0 {
                    stage.queue("2065550101").await;
                }
            }
            Wrong::FencedDid => {
                stage.all_send().await;
                if minute == 0 {
                    fence(stage).await;
                }
            }
            Wrong::SumsBehind => {
                stage.all_send().await;
                let age = 300_001 + i32::try_from(minute * MINUTE).unwrap();
                stage.lambda("rollup", "IteratorAge", f64::from(age));
            }
        }
    }
}

/// Takes the account away, so that each of its requests fails.
async fn lose_account(stage: &Stage) {
    let world = stage.world();
    world.leave_unaudited("the account is deleted to make its requests fail");
    let client = world.engine.client();
    let text = |text: String| aws_sdk_dynamodb::types::AttributeValue::S(text);
    let delete = client.delete_item().table_name(TABLE);
    let delete = delete.key("pk", text(format!("A#{}", stage.desk.account.id)));
    delete
        .key("sk", text("ACCOUNT".to_owned()))
        .send()
        .await
        .unwrap();
    world.wait(31);
}

/// Lets the platform bill another DID alone.
async fn fence(stage: &mut Stage) {
    let did = callbook::model::phone::PhoneNumber::parse("+12065550177").unwrap();
    let fenced = stage.world().ledger.update_credential(
        &stage.desk.account.id,
        &stage.tld.credential.id,
        |credential| credential.dids = vec![did.clone()],
    );
    fenced.await.unwrap();
    stage.world().wait(31);
    stage.bills().await;
}
