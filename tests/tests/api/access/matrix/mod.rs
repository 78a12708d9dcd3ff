//! The access matrix: every route of the template with every kind of credential that it takes, in every state, with
//! every fence and address rule, about its own account and about a neighbour's; and with each other kind, without a
//! restriction. The cells are generated, and what each has to answer follows from the order of the checks in
//! `shared/src/access/rules.rs`.

mod expected;
pub mod holder;
pub mod request;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use callbook::model::credential::{CredentialKind, Limits, NewCredential, Product, Role, Status};
use callbook::model::phone::PhoneNumber;
use callbook::model::rules::{EndpointRule, IpRule};
use callbook_local::template;
use callbook_tests::documented::operations;
use callbook_tests::fonedynamics::{self, FREE, load, number};
use callbook_tests::items::Stored;
use callbook_tests::{Key, World};
use serde_json::Value;

use expected::{Expected, checked, expected};
use holder::{Holder, MARK};
use request::Target;

/// What a credential is when it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Active,
    Disabled,
    Revoked,
    Expired,
    /// It may use another product.
    Elsewhere,
    /// It may only read; a user is a viewer.
    ReadOnly,
}

const STATES: [State; 6] = [
    State::Active,
    State::Disabled,
    State::Revoked,
    State::Expired,
    State::Elsewhere,
    State::ReadOnly,
];

/// Which paths and DIDs a credential may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fence {
    None,
    /// Every second route of the template, from the first one on.
    Even,
    /// The others.
    Odd,
    /// Another DID than those of the examples.
    OtherDid,
}

const FENCES: [Fence; 4] = [Fence::None, Fence::Even, Fence::Odd, Fence::OtherDid];

/// Which addresses a credential may be used from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Address {
    Any,
    Here,
    Elsewhere,
}

const ADDRESSES: [Address; 3] = [Address::Any, Address::Here, Address::Elsewhere];

/// A credential of the matrix.
struct Holding {
    key: Key,
    state: State,
    fence: Fence,
    address: Address,
}

impl Holding {
    /// Whether the credential is of a kind that the route takes, or else has no restriction at all, which is the
    /// most that a credential of another kind could be used for: it is not found, so nothing else of it is read.
    fn may_matter(&self, target: &Target) -> bool {
        let unrestricted = (self.state, self.fence, self.address);
        target.kinds().contains(&self.key.credential.kind)
            || unrestricted == (State::Active, Fence::None, Address::Any)
    }
}

/// The rules of a fence: the routes' paths, with `*` for what varies.
fn rules(targets: &[Target], fence: Fence) -> Vec<String> {
    let wanted = match fence {
        Fence::None | Fence::OtherDid => return Vec::new(),
        Fence::Even => 0,
        Fence::Odd => 1,
    };
    let paths: BTreeSet<&str> = targets
        .iter()
        .map(|target| target.path.trim_end_matches('/'))
        .collect();
    let own = paths.into_iter().enumerate();
    let own = own.filter(|(nth, _)| nth % 2 == wanted);
    own.map(|(_, path)| {
        let segments = path.split('/');
        let segments: Vec<&str> = segments
            .map(|one| if one.starts_with('{') { "*" } else { one })
            .collect();
        segments.join("/")
    })
    .collect()
}

/// Whether a rule takes a path: `*` is any run of characters.
fn takes(rule: &str, path: &str) -> bool {
    match rule.split_once('*') {
        None => rule == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|left| {
            (0..=left.len())
                .filter(|at| left.is_char_boundary(*at))
                .any(|at| takes(rest, &left[at..]))
        }),
    }
}

/// Every credential of the account, of every kind, state, fence and address.
async fn credentials(world: &World, holder: &Holder, targets: &[Target]) -> Vec<Holding> {
    let mut all = Vec::new();
    let now = world.clock.now();
    let fences: Vec<(Fence, Vec<EndpointRule>)> = FENCES
        .into_iter()
        .map(|fence| {
            let texts = rules(targets, fence);
            let parsed = texts.iter().map(|text| EndpointRule::parse(text).unwrap());
            (fence, parsed.collect())
        })
        .collect();
    for kind in CredentialKind::ALL {
        for state in STATES {
            for (fence, endpoints) in &fences {
                for address in ADDRESSES {
                    let change = |new: &mut NewCredential| {
                        new.limits = Limits {
                            starts_per_minute: Some(0),
                            ..Limits::default()
                        };
                        new.endpoints.clone_from(endpoints);
                        restrict(new, state, *fence, address);
                        new.expires = (state == State::Expired).then_some(now);
                    };
                    let key = world.credential_with(&holder.account, kind, change).await;
                    let status = match state {
                        State::Disabled => Some(Status::Disabled),
                        State::Revoked => Some(Status::Revoked),
                        _ => None,
                    };
                    if let Some(status) = status {
                        world.set_status(&key.credential, status).await;
                    }
                    all.push(Holding {
                        key,
                        state,
                        fence: *fence,
                        address,
                    });
                }
            }
        }
    }
    all
}

fn restrict(new: &mut NewCredential, state: State, fence: Fence, address: Address) {
    let rule = |text: &str| vec![IpRule::parse(text).unwrap()];
    new.addresses = match address {
        Address::Any => Vec::new(),
        Address::Here => rule("127.0.0.0/8"),
        Address::Elsewhere => rule("203.0.113.0/24"),
    };
    // Without carrier service, no end of a call would be more than refused.
    new.carrier = new.kind == CredentialKind::Truecnam;
    if fence == Fence::OtherDid {
        new.dids = vec![PhoneNumber::parse("3105550199").unwrap()];
    }
    match state {
        State::Elsewhere => {
            let own = new.kind.products();
            let other = Product::ALL.into_iter().find(|one| !own.contains(one));
            new.products = vec![other.expect("a product of another kind")];
        }
        State::ReadOnly => {
            new.read_only = true;
            new.role = Some(Role::Viewer);
        }
        _ => {}
    }
}

/// Every item of an account, but its sessions and what is noted of refusals: signing in is no write.
async fn items_of(world: &World, holder: &Holder) -> BTreeMap<String, Stored> {
    let id = holder.account.id.as_str();
    let (exact, prefix) = (format!("A#{id}"), format!("A#{id}#"));
    let items = world.all_items().await.into_iter();
    items
        .filter(|item| !matches!(item.text("type").as_str(), "session" | "notice"))
        .map(|item| (item.text("pk"), item))
        .filter(|(pk, _)| *pk == exact || pk.starts_with(&prefix))
        .map(|(pk, item)| (format!("{pk} {}", item.text("sk")), item))
        .collect()
}

/// The keys of the items that are new, gone or different.
fn changed(before: &BTreeMap<String, Stored>, after: &BTreeMap<String, Stored>) -> Vec<String> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = |key: &&String| before.get(*key) != after.get(*key);
    keys.into_iter().filter(differ).cloned().collect()
}

/// The credentials and the accounts whose cells are tried.
struct Matrix {
    world: World,
    holder: Holder,
    neighbour: Holder,
    holdings: Vec<Holding>,
    fences: [Vec<String>; FENCES.len()],
}

/// What was found in the cells.
#[derive(Default)]
struct Found {
    cells: usize,
    /// The requests that succeeded for a credential.
    done: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Matrix {
    /// Tries the cells of a route: those of credentials that only read, or all others.
    async fn tries(&self, target: &Target, only_read: bool, found: &mut Found) {
        let Self {
            world,
            holder,
            neighbour,
            ..
        } = self;
        let tried = self.holdings.iter().filter(|one| one.may_matter(target));
        let tried = tried.enumerate();
        let of_round = |(_, one): &(usize, &Holding)| (one.state == State::ReadOnly) == only_read;
        for (nth, holding) in tried.filter(of_round) {
            let fence = FENCES.iter().position(|one| *one == holding.fence).unwrap();
            for own in [true, false] {
                let named = if own { holder } else { neighbour };
                let path = target.filled(named);
                let expected = expected(target, holding, &path, &self.fences[fence], own);
                if expected == Expected::Refused("unknown_credential") {
                    // A process compares two slow hashes in ten seconds without refusing any.
                    world.wait(10);
                }
                let reply = target.send(world, &holding.key, named, own, nth).await;
                let line: Value = serde_json::from_str(&world.last_log().unwrap()).unwrap();
                found.cells += 1;
                match checked(expected, &reply, &line, neighbour) {
                    Ok(true) => {
                        found.done.insert(target.name());
                    }
                    Ok(false) => {}
                    Err(fault) => found.wrong.push(format!(
                        "{} with {:?} {:?} {:?} {:?}, own: {own}: {fault}",
                        target.name(),
                        holding.key.credential.kind,
                        holding.state,
                        holding.fence,
                        holding.address
                    )),
                }
            }
        }
    }
}

/// Asserts every cell of the routes whose path begins so.
async fn assert_matrix(families: &[&str]) {
    let world = World::new().await;
    fonedynamics::serve(&world).await;
    let documented = operations();
    let routes = template::own_routes().unwrap();
    let mut targets: Vec<Target> = routes
        .iter()
        .filter_map(|route| Target::of(route, &documented))
        .flat_map(Target::each_query)
        .collect();
    // What is deleted is needed before.
    targets.sort_by_key(|target| target.method == "DELETE");
    let holder = Holder::new(&world, "Own", "acme", "+12065550121").await;
    let neighbour = Holder::new(&world, MARK, "acme-next", "+12065550122").await;
    load(&world, &number("+12065550111", FREE, "Local", "Voice,SMS")).await;
    let matrix = Matrix {
        holdings: credentials(&world, &holder, &targets).await,
        fences: FENCES.map(|fence| rules(&targets, fence)),
        world,
        holder,
        neighbour,
    };
    let own_family = |target: &&Target| families.iter().any(|one| target.path.starts_with(one));
    let mut found = Found::default();
    let of_neighbour = items_of(&matrix.world, &matrix.neighbour).await;
    assert!(of_neighbour.len() > 10, "{}", of_neighbour.len());
    let of_holder = items_of(&matrix.world, &matrix.holder).await;
    for target in targets.iter().filter(own_family) {
        matrix.tries(target, true, &mut found).await;
    }
    let written = changed(&of_holder, &items_of(&matrix.world, &matrix.holder).await);
    assert!(
        written.is_empty(),
        "credentials that only read have written {written:?}"
    );
    for target in targets.iter().filter(own_family) {
        matrix.tries(target, false, &mut found).await;
    }
    let Found { cells, done, wrong } = found;
    // With a slash, it is what the path without one has done before.
    // Leases run out while the cells are tried: `callbook_api/queue.rs` has what succeeds.
    let may_fail = |target: &&Target| {
        target.path.ends_with('/') || ["auth-refresh", "queue"].contains(&target.function.as_str())
    };
    let required = targets.iter().filter(own_family);
    let never: Vec<String> = required
        .filter(|target| !may_fail(target))
        .map(Target::name)
        .filter(|name| !done.contains(name))
        .collect();
    let shown: Vec<&String> = wrong.iter().step_by(wrong.len() / 40 + 1).collect();
    assert!(
        wrong.is_empty() && never.is_empty(),
        "{} cells, such as {shown:#?}; never done: {never:?}",
        wrong.len()
    );
    let neighbours = items_of(&matrix.world, &matrix.neighbour).await;
    let written = changed(&of_neighbour, &neighbours);
    assert!(written.is_empty(), "the neighbour's items: {written:?}");
    let per_kind = STATES.len() * FENCES.len() * ADDRESSES.len();
    let of_route = |target: &Target| {
        let own = target.kinds().iter().collect::<HashSet<_>>().len();
        2 * (own * per_kind + CredentialKind::ALL.len() - own)
    };
    let all: usize = targets.iter().filter(own_family).map(of_route).sum();
    assert_eq!(cells, all);
}

#[tokio::test]
async fn of_trestle_tld_truecnam_and_teletracker() {
    assert_matrix(&["/1.0/", "/api/", "/reports/", "/voice/", "/auth/"]).await;
}

#[tokio::test]
async fn of_fone_dynamics() {
    assert_matrix(&["/v2/"]).await;
}

#[tokio::test]
async fn of_callbook() {
    assert_matrix(&["/callbook/"]).await;
}

#[tokio::test]
async fn no_route_is_outside_of_the_matrix() {
    let families = [
        "/1.0/",
        "/api/",
        "/reports/",
        "/voice/",
        "/auth/",
        "/v2/",
        "/callbook/",
    ];
    for route in template::own_routes().unwrap().iter() {
        if let Some((_, path)) = route.key().split_once(' ')
            && route.function() != "console"
        {
            let known = families.iter().any(|one| path.starts_with(one));
            assert!(
                known,
                "{path} is of no family: give it to one of the tests above"
            );
        }
    }
}
