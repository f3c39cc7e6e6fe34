package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/adit-hq/adit/emulator"
)

// TestSTSFailsInItsOwnWords: every error of the exchange can be had on demand.
func TestSTSFailsInItsOwnWords(t *testing.T) {
	f := newFederation(t)
	const op = "AssumeRoleWithWebIdentity"
	for _, c := range []struct {
		fault  emulator.Fault
		status int
		want   string
	}{
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "IDPCommunicationError"}, 400, "<Message>The request could not be fulfilled because the identity provider (IDP)"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "IDPRejectedClaim"}, 403, "<Code>IDPRejectedClaim</Code>"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "RegionDisabledException", Region: "us-east-1"}, 403, "<Code>RegionDisabledException</Code><Message>STS is not activated"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "InvalidIdentityToken"}, 400, "Couldn&#39;t retrieve verification key"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "PackedPolicyTooLarge"}, 400, "Packed policy consumes"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "AccessDenied", Message: "my own words"}, 403, "<Message>my own words</Message>"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "ServiceUnavailable"}, 503, "<Type>Receiver</Type>"},
		{emulator.Fault{Kind: emulator.FaultStatus, Status: 500, Code: "Oops"}, 500, "<Code>Oops</Code>"},
		{emulator.Fault{Kind: emulator.FaultThrottle, RetryAfter: "2"}, 400, "<Code>Throttling</Code><Message>Rate exceeded</Message>"},
		{emulator.Fault{Kind: emulator.FaultExpiredToken}, 400, "<Code>ExpiredTokenException</Code>"},
		{emulator.Fault{Kind: emulator.FaultStatus, Code: "IDPRejectedClaim", Region: "eu-*"}, 200, "<Credentials>"},
	} {
		c.fault.Operation = op
		if err := f.Inject(c.fault); err != nil {
			t.Fatal(err)
		}
		_, answer := f.exchange(t, f.token(nil))
		events := f.Trail()
		if last := events[len(events)-1]; last.Status != c.status || !strings.Contains(answer, c.want) || last.Region != "us-east-1" || last.RoleARN != roleARN || last.Token.ID != "j-1" {
			t.Errorf("%+v: %d %s", c.fault, last.Status, answer)
		}
		f.ClearFaults()
	}
	if err := f.Inject(emulator.Fault{Kind: emulator.FaultStatus, Operation: op, Code: "Oops"}); err == nil {
		t.Error("a code of nobody needs a status")
	}
	if err := f.Inject(emulator.Fault{Kind: emulator.FaultCut, Operation: op}); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "https://sts.us-east-1.amazonaws.com/", strings.NewReader("Action="+op+"&Version=2011-06-15"))
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := f.Transport().RoundTrip(req); err == nil {
		t.Errorf("a cut connection answered %d", resp.StatusCode)
	}
}
