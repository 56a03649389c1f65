//! The device code grant (RFC 8628 §3.4): a device asks again and again whether its user has let it have something.

use model::GrantType;
use store::{DeviceState, Redeemed};

use super::{admit_public, public_client};
use crate::{
    Code, Error, Result, bearer,
    device::{INTERVAL, Kept},
    id,
    token::{
        Issuance, Issued,
        person::{self, Granted, Way},
    },
};

/// Issues what the user of the device allowed.
pub async fn issue(issuance: &Issuance<'_>) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let proved = public_client(issuance, GrantType::DeviceCode).await?;
    let client = proved.client.clone();
    let Some(given) = request.device_code.as_ref().filter(|code| !code.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: device_code");
    };
    let codes = tenant.store().device_codes();
    let code = codes.read(tenant.name(), &bearer::hash(given.expose())).await?;
    let Some(code) = code.filter(|code| code.client_id == client.view.client_id) else {
        return Code::InvalidGrant.refuse(INVALID);
    };
    let now = tenant.clock().now_ms();
    if code.expires * 1000 <= now {
        // It is told once; then nobody knows the code any more.
        return match codes.delete(tenant.name(), &code.id).await? {
            true => Code::ExpiredToken.refuse("The provided authorization_code is expired"),
            false => Code::InvalidGrant.refuse(INVALID),
        };
    }
    // Whoever waits asks every few seconds, which is nothing that anybody wants to read of.
    let is_decided = code.state != DeviceState::Pending;
    issuance.note(|notes| notes.is_told_elsewhere = !is_decided);
    if !codes.poll(tenant.name(), &code.id, now, INTERVAL * 1000).await? {
        return Code::SlowDown
            .refuse(format!("You are polling faster than the specified interval of {INTERVAL} seconds."));
    }
    admit_public(issuance, &proved)?;
    match code.state {
        DeviceState::Pending => Code::AuthorizationPending.refuse("User has yet to authorize device code."),
        DeviceState::Denied => {
            codes.delete(tenant.name(), &code.id).await?;
            Code::AccessDenied.refuse("User cancelled the confirmation prompt.")
        }
        DeviceState::Allowed => {
            let kept: Kept = serde_json::from_str(&code.body)?;
            let Some(authorization) = kept.authorization else { return Code::InvalidGrant.refuse(INVALID) };
            let granted = Granted::of(issuance, &client, authorization, None).await?;
            let redeemed = Redeemed::Device(&code.id);
            match person::issue(issuance, &granted, Way::default(), redeemed, id::family()).await {
                // Another question of the same device was answered in between.
                Err(Error::Conflict) => Code::InvalidGrant.refuse(INVALID),
                issued => issued,
            }
        }
    }
}

const INVALID: &str = "Invalid or expired device code.";
