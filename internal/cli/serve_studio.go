package cli

import (
	"github.com/adit-hq/adit/internal/app"
	"github.com/adit-hq/adit/internal/secret"
)

// oidcSecretVariable holds the client secret at the OIDC provider. There is no
// flag for it: everybody on a machine can read the flags of its processes.
const oidcSecretVariable = "ADIT_OIDC_CLIENT_SECRET" //nolint:gosec // the name of a variable

// studioFlags say where people reach Studio, and how they sign in.
type studioFlags struct {
	StudioURL    string   `name:"studio-url" placeholder:"URL" setting:"ADIT_STUDIO_URL" help:"URL at which people reach this server, such as https://adit.example.com; Studio is at /studio (default: the issuer's URL if the server listens beyond loopback, else its own address)." group:"Studio:"`
	OIDCIssuer   string   `name:"oidc-issuer" placeholder:"URL" setting:"ADIT_OIDC_ISSUER" help:"OIDC provider that people sign in with; register the redirect URL STUDIO_URL/studio/sign-in/callback there." group:"Studio:"`
	OIDCClientID string   `name:"oidc-client-id" placeholder:"ID" setting:"ADIT_OIDC_CLIENT_ID" help:"Adit's client id at the OIDC provider; the secret goes into $$ADIT_OIDC_CLIENT_SECRET." group:"Studio:"`
	OIDCName     string   `name:"oidc-name" placeholder:"NAME" setting:"ADIT_OIDC_NAME" help:"Name of the provider on the sign-in page (default: its host)." group:"Studio:"`
	OIDCScopes   []string `name:"oidc-scope" placeholder:"SCOPE" setting:"ADIT_OIDC_SCOPE" help:"Scope to request besides openid, profile and email, such as groups; may be repeated." group:"Studio:"`
	OIDCRules    []string `name:"oidc-rule" placeholder:"RULE" setting:"ADIT_OIDC_RULE" help:"Map people to roles: KIND:VALUE=ROLE@ORGANIZATION or KIND:VALUE=operator, where KIND is subject, group, domain or email, such as group:platform=owner@default; may be repeated." group:"Studio:"`
}

func (f studioFlags) signIn(p *Process) app.SignIn {
	return app.SignIn{
		Issuer: f.OIDCIssuer, ClientID: f.OIDCClientID, Secret: secret.New(p.getenv(oidcSecretVariable)), Name: f.OIDCName,
		Scopes: f.OIDCScopes, Rules: f.OIDCRules,
	}
}
