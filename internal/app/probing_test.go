package app

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-hq/adit/internal/audit"
	"github.com/adit-hq/adit/internal/tenant"
)

// refusing is an AWS that refuses everybody, and counts.
type refusing struct{ asked atomic.Int64 }

func (r *refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.asked.Add(1)
	body := `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code>` +
		`<Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error><RequestId>r</RequestId></ErrorResponse>`
	return &http.Response{
		StatusCode: http.StatusForbidden, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

func TestARoleThatRefusesIsProbedOnceAnHourAndADeletedOneNeverAgain(t *testing.T) {
	aws, now := &refusing{}, newClock()
	a, err := NewInProcess(Settings{Transport: aws, State: StateSettings{
		DataDir: t.TempDir(), IssuerURL: issuerURL, Signing: Rotation{Algorithm: "ES256"}, Now: now.Now,
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, a)
	e, _, err := a.state.tenants.CreateEnvironment(t.Context(), audit.System(), "default", tenant.EnvironmentInput{
		Name: "prod", Region: "us-east-1", RoleARN: "arn:aws:iam::111122223333:role/adit",
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 61 {
		if err := a.state.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		a.state.probeDue(t.Context())
		now.advance(probeEvery + time.Second)
	}
	if n := aws.asked.Load(); n != 2 {
		t.Errorf("a role that refuses was asked %d times within an hour and a minute, want 2", n)
	}
	if err := a.state.tenants.DeleteEnvironment(t.Context(), audit.System(), e.Organization, e.ID, 0, true); err != nil {
		t.Fatal(err)
	}
	before := aws.asked.Load()
	a.state.probe(t.Context(), e.ID) // it was found due before it was deleted
	if aws.asked.Load() != before {
		t.Error("a deleted environment made an exchange")
	}
}
