//! Lists of an account's or a property's numbers.

use callbook::dialect::Answer;
use callbook::dialect::fonedynamics::{self, field};
use callbook::edge::{App, Parameters, Request};
use callbook::fields::{Fields, invalid};
use callbook::listing::Wanted;
use callbook::model::number::RegisteredNumber;
use callbook::model::property::PropertySid;
use callbook::model::stock::{Capabilities, Capability, NumberType};
use callbook::paging::ListQuestion;
use callbook::problem::Problem;

use crate::admit;
use crate::wire::{List, Shown};

/// Whose numbers, by the sid in the path.
#[derive(Clone, Copy)]
pub(crate) enum Of<'a> {
    /// Those of a property.
    Property(&'a str),
    /// All of the account's.
    Account(&'a str),
}

/// Lists numbers.
///
/// # Errors
/// Why not.
pub(crate) async fn list(app: &App, request: &Request, of: Of<'_>) -> Result<Answer, Problem> {
    let (ledger, key) = (app.ledger()?, app.page_key()?);
    let caller = admit(app, request).await?;
    let account = &caller.account;
    let mut fields = Fields::new();
    let filter = Filter::read(&mut fields, request.query());
    let asked = filter.as_ref().map(Filter::asked).unwrap_or_default();
    let question = ListQuestion {
        account: &account.id,
        path: request.path().as_str(),
        filters: &asked,
    };
    let wanted = Wanted::read(&mut fields, request.query(), key, &question);
    let (filter, wanted) = fields.finish((filter, wanted))?;
    let property = match of {
        Of::Account(sid) if sid == account.sid.as_str() => None,
        Of::Account(_) => return Err(Problem::not_found(field::ACCOUNT_SID)),
        Of::Property(sid) => {
            let found = match PropertySid::parse(sid) {
                Ok(sid) => ledger.property(&account.id, &sid).await?,
                Err(_) => None,
            };
            Some(found.ok_or_else(|| Problem::not_found(field::PROPERTY_SID))?)
        }
    };
    app.access()
        .count(ledger, &caller, request.received())
        .await?;
    let mut numbers = ledger.numbers(&account.id).await?;
    let property = property.as_ref().map(|property| &property.sid);
    numbers.retain(|number| {
        property.is_none_or(|sid| number.property_sid() == Some(sid)) && filter.takes(number)
    });
    let name = |number: &RegisteredNumber| number.number.as_e164().to_owned();
    let page = wanted.cut(numbers, name, key, &question);
    let shown = page.rows.iter().map(|number| Shown::of(number, account));
    Ok(fonedynamics::success(&List {
        numbers: shown.collect(),
        total_count: page.total,
        next_page_token: page.next,
    }))
}

/// Which numbers of a list.
struct Filter {
    types: Option<Vec<NumberType>>,
    capabilities: Option<Capabilities>,
}

impl Filter {
    fn read(fields: &mut Fields, query: &Parameters) -> Option<Self> {
        let types = fields.optional(field::TYPE, query.given(field::TYPE), |text| {
            let types = NumberType::parse_list(text).map_err(invalid)?;
            Ok(types.into_iter().collect())
        });
        let capabilities = query
            .given(field::CAPABILITIES)
            .or_else(|| query.given("Capabilites"));
        let capabilities = fields.optional(field::CAPABILITIES, capabilities, |text| {
            Capabilities::parse(text).map_err(invalid)
        });
        Some(Self {
            types: types?,
            capabilities: capabilities?,
        })
    }

    /// The filter in one spelling, for the tokens of its pages.
    fn asked(&self) -> Vec<(&'static str, String)> {
        let types = self.types.iter().flatten().map(|kind| kind.as_str());
        let capabilities = self.capabilities.iter().flat_map(Capabilities::iter);
        vec![
            (field::TYPE, types.collect::<Vec<_>>().join(",")),
            (
                field::CAPABILITIES,
                capabilities
                    .map(Capability::as_str)
                    .collect::<Vec<_>>()
                    .join(","),
            ),
        ]
    }

    /// What is not known of a number is not what is looked for.
    fn takes(&self, number: &RegisteredNumber) -> bool {
        let stock = number.stock.as_ref();
        let of_type = |types: &Vec<_>| stock.is_some_and(|stock| types.contains(&stock.kind));
        let can = |wanted| stock.is_some_and(|stock| stock.capabilities.cover(wanted));
        self.types.as_ref().is_none_or(of_type) && self.capabilities.as_ref().is_none_or(can)
    }
}
