package emulator

import "net/http"

// stsStatus is the status of an STS error code (STS API reference), 0 for a
// code that is not STS's.
func stsStatus(code string) int {
	switch code {
	case "InvalidIdentityToken", "ExpiredTokenException", "IDPCommunicationError", "PackedPolicyTooLarge",
		"MalformedPolicyDocument", "ValidationError", "Throttling":
		return http.StatusBadRequest
	case "IDPRejectedClaim", "RegionDisabledException", "AccessDenied":
		return http.StatusForbidden
	case "InternalFailure":
		return http.StatusInternalServerError
	case "ServiceUnavailable":
		return http.StatusServiceUnavailable
	}
	return 0
}

// stsText is what STS usually says with a code, "" for nothing in particular.
func stsText(code string) string {
	switch code {
	case "InvalidIdentityToken":
		return textNoKey
	case "ExpiredTokenException":
		return "The web identity token that was passed is expired or is not valid. Get a new identity token from the identity provider and then retry the request."
	case "IDPCommunicationError":
		return "The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached."
	case "IDPRejectedClaim":
		return "The identity provider (IdP) reported that authentication failed. This might be because the claim is invalid."
	case "RegionDisabledException":
		return "STS is not activated in the requested region for the account that is being asked to generate credentials."
	case "AccessDenied":
		return "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	case "PackedPolicyTooLarge":
		return packedTooLarge(110).message
	case "MalformedPolicyDocument":
		return "The policy is not in the valid JSON format."
	case "Throttling":
		return "Rate exceeded"
	}
	return ""
}

// refusalOf is refusal in the words of the call's service. Throttling has
// status 400 in the query protocol, and a token's expiry a code of its own.
func (f *Fault) refusalOf(call Event) *awsError {
	err := f.refusal()
	if err == nil || call.Service == serviceBedrock {
		return err
	}
	query := call.Service == serviceSTS || call.Service == "iam"
	switch {
	case query && f.is(FaultThrottle):
		err.status, err.code = http.StatusBadRequest, "Throttling"
	case query && f.is(FaultExpiredToken):
		err.code = "ExpiredToken"
		if call.Operation == "AssumeRoleWithWebIdentity" {
			err.status, err.code = http.StatusBadRequest, "ExpiredTokenException"
		}
	}
	if text := stsText(err.code); text != "" && f.Message == "" {
		err.message = text
	}
	return err
}
