package cli

import "testing"

func TestWithoutAnIssuerANewEnvironmentIsToldWhatComesFirst(t *testing.T) {
	d := newDesk(t).with("ADIT_ISSUER_URL=")
	d.adit("env", "create", "prod", "--region", "us-east-1").exits(0).
		tells("Next: restart the server with --issuer-url https://HOST", "Then: adit aws setup prod")
}
