//! Who asks: credentials as every AWS tool finds them, and the accounts and Regions to ask.

use super::fault::Fault;
use super::tap::Tap;
use super::{CaptureError, Options};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_organizations::types::AccountStatus;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_types::retry::RetryConfig;
use std::collections::BTreeSet;
use std::time::Duration;

/// An account that is asked.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub id: String,
    pub config: SdkConfig,
}

impl Account {
    /// The same credentials in a Region.
    pub fn in_region(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }
}

/// Sends a call whose answer is only looked at.
macro_rules! look {
    ($call:expr) => {{
        let tap = Tap::default();
        let sent = $call.customize().interceptor(tap.clone()).send().await;
        sent.map_err(|error| Fault::of(&error, tap.heard().as_ref()))
    }};
}

/// The caller's own configuration.
async fn own(options: &Options) -> SdkConfig {
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(options.timeout.min(Duration::from_secs(5)))
        .operation_attempt_timeout(options.timeout);
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client.clone())
        // Calls are repeated here, at a pace that all of them share.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build());
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = options.regions.first().filter(|region| *region != "all") {
        loader = loader.region(Region::new(region.clone()));
    }
    let config = loader.load().await;
    let Some(profile) = &options.profile else { return config };
    // A profile that is named goes before credentials in the environment, as with the AWS CLI.
    let provider = ProviderConfig::without_region()
        .with_http_client(client)
        .with_region(config.region().cloned());
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&provider)
        .profile_name(profile)
        .build();
    let provider = SharedCredentialsProvider::new(provider);
    config.to_builder().credentials_provider(provider).build()
}

/// An account whose role gives no credentials.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    pub id: String,
    pub role: String,
    pub fault: Fault,
}

/// The accounts to ask, and those whose role cannot be assumed.
pub(super) async fn accounts(
    options: &Options,
) -> Result<(Vec<Account>, Vec<Closed>), CaptureError> {
    let mut config = own(options).await;
    if config.region().is_none() {
        match options.regions.first().map(String::as_str) {
            // Any Region tells which there are.
            Some("all") => {
                config = config.to_builder().region(Region::new("us-east-1")).build();
            }
            _ => {
                let named = match &options.profile {
                    Some(profile) => {
                        format!("no Region is named, and the profile `{profile}` has none")
                    }
                    None => "no Region is named".to_owned(),
                };
                return Err(CaptureError::new(named).hint(
                    "name it: --region us-east-1, several times for several, or --region all",
                ));
            }
        }
    }
    let sts = aws_sdk_sts::Client::new(&config);
    let identity =
        look!(sts.get_caller_identity()).map_err(|fault| no_credentials(&fault, options))?;
    let (Some(own_id), Some(arn)) = (identity.account(), identity.arn()) else {
        return Err(CaptureError::new("AWS does not say which account the credentials are of"));
    };
    let own_account = Account { id: own_id.to_owned(), config: config.clone() };
    if let Some(role) = &options.role_arn {
        let Some(id) = role.split(':').nth(4).filter(|id| !id.is_empty()) else {
            return Err(CaptureError::new(format!("`{role}` is no ARN of a role"))
                .hint("for example: --role-arn arn:aws:iam::111122223333:role/reader"));
        };
        let account = assumed(options, &config, id, role).await;
        return match account {
            Ok(account) => Ok((vec![account], Vec::new())),
            Err(closed) => Err(unassumed(&closed)),
        };
    }
    let mut ids: BTreeSet<String> = options.accounts.iter().cloned().collect();
    if options.organization {
        ids.extend(organization(&config).await?);
    }
    if ids.is_empty() {
        return Ok((vec![own_account], Vec::new()));
    }
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    let (mut accounts, mut closed) = (Vec::new(), Vec::new());
    for id in ids {
        if id == own_account.id {
            accounts.push(own_account.clone());
            continue;
        }
        let Some(name) = &options.role_name else {
            return Err(CaptureError::new(format!("account {id} is another one's"))
                .hint("name the role that reads there: --role-name NAME"));
        };
        let role = format!("arn:{partition}:iam::{id}:role/{name}");
        match assumed(options, &config, &id, &role).await {
            Ok(account) => accounts.push(account),
            Err(one) => closed.push(one),
        }
    }
    match closed.first() {
        Some(one) if accounts.is_empty() => Err(unassumed(one)),
        _ => Ok((accounts, closed)),
    }
}

fn unassumed(closed: &Closed) -> CaptureError {
    CaptureError::new(format!("the role {} cannot be assumed: {}", closed.role, closed.fault)).hint(
        "the role has to trust the caller (with the external id, where it wants one: \
         --external-id), and the caller needs sts:AssumeRole on it",
    )
}

async fn assumed(
    options: &Options,
    config: &SdkConfig,
    id: &str,
    role: &str,
) -> Result<Account, Closed> {
    let mut provider = AssumeRoleProvider::builder(role).session_name("reach-snapshot");
    if let Some(external) = &options.external_id {
        provider = provider.external_id(external);
    }
    let provider = provider.configure(config).build().await;
    let assumed = provider.provide_credentials().await;
    let provider = SharedCredentialsProvider::new(provider);
    let config = config.to_builder().credentials_provider(provider).build();
    match assumed {
        Ok(_) => Ok(Account { id: id.to_owned(), config }),
        Err(error) => {
            let (id, role) = (id.to_owned(), role.to_owned());
            Err(Closed { id, role, fault: Fault::of_credentials(&error) })
        }
    }
}

/// The active accounts of the organization.
async fn organization(config: &SdkConfig) -> Result<Vec<String>, CaptureError> {
    let client = aws_sdk_organizations::Client::new(config);
    let (mut ids, mut next) = (Vec::new(), None);
    loop {
        let page = look!(client.list_accounts().set_next_token(next)).map_err(|fault| {
            CaptureError::new(format!("the organization's accounts cannot be listed: {fault}"))
                .hint("grant organizations:ListAccounts, or name the accounts: --accounts 111122223333,…")
        })?;
        for account in page.accounts() {
            if account.status() == Some(&AccountStatus::Active) {
                ids.extend(account.id().map(str::to_owned));
            }
        }
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            return Ok(ids);
        }
    }
}

/// The Regions to ask in an account.
pub(super) async fn regions(
    options: &Options,
    account: &Account,
) -> Result<Vec<String>, CaptureError> {
    if options.regions.iter().all(|region| region != "all") && !options.regions.is_empty() {
        return Ok(options.regions.clone());
    }
    if options.regions.is_empty() {
        return Ok(account.config.region().map(|region| region.to_string()).into_iter().collect());
    }
    let ec2 = aws_sdk_ec2::Client::new(&account.config);
    let answer = look!(ec2.describe_regions()).map_err(|fault| {
        CaptureError::new(format!("the Regions of {} cannot be listed: {fault}", account.id))
            .hint("grant ec2:DescribeRegions, or name them: --region us-east-1 --region eu-west-1")
    })?;
    let names = answer.regions().iter().filter_map(|region| region.region_name());
    let names: BTreeSet<String> = names.map(str::to_owned).collect();
    Ok(names.into_iter().collect())
}

fn no_credentials(fault: &Fault, options: &Options) -> CaptureError {
    if fault.unreached {
        return CaptureError::new(format!("AWS cannot be reached: {fault}"))
            .hint("check the network, and AWS_ENDPOINT_URL when it is set");
    }
    let error = CaptureError::new(format!("the credentials cannot be used: {fault}"));
    match &options.profile {
        Some(profile) => error.hint(format!(
            "sign in again: aws sso login --profile {profile}; or see what the profile says: \
             aws configure list --profile {profile}"
        )),
        None => error.hint(
            "sign in as for any AWS tool: aws sso login, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
    }
}
