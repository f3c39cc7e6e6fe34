package credential

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// sessionName names Adit's sessions where nobody else does. A constant keeps
// the signer, and so the credential identity, the same over refreshes.
const sessionName = "adit"

// webIdentitySource exchanges the token in AWS_WEB_IDENTITY_TOKEN_FILE for the
// role in AWS_ROLE_ARN, as IAM roles for service accounts set them in Kubernetes.
type webIdentitySource struct{ *outside }

func (webIdentitySource) name() string { return SourceWebIdentity }

func (w webIdentitySource) retrieve(ctx context.Context) (found, error) {
	file, role := w.env.get("AWS_WEB_IDENTITY_TOKEN_FILE"), w.env.get("AWS_ROLE_ARN")
	switch {
	case file == "":
		return found{}, absent("AWS_WEB_IDENTITY_TOKEN_FILE is not set", "")
	case role == "":
		return found{}, broken("AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not", "Set AWS_ROLE_ARN to the role that trusts the token's issuer.")
	}
	return w.assumeWithToken(ctx, file, role, w.env.get("AWS_ROLE_SESSION_NAME"), "web identity token file")
}

// assumeWithToken sends the token in the file to STS (AssumeRoleWithWebIdentity, unsigned).
func (o *outside) assumeWithToken(ctx context.Context, file, role, session, how string) (found, error) {
	token, err := os.ReadFile(file)
	if err != nil {
		return found{}, broken("the web identity token file cannot be read: "+why(ctx, err), "Check that the file exists and that Adit's user may read it.")
	}
	if strings.TrimSpace(string(token)) == "" {
		return found{}, broken(fmt.Sprintf("the web identity token file %s is empty", file), "Make sure that the platform writes a token there.")
	}
	session = cmp.Or(session, sessionName)
	provider := stscreds.NewWebIdentityRoleProvider(o.sts(nil), role, identityToken(token), func(opt *stscreds.WebIdentityRoleOptions) {
		opt.RoleSessionName = session
	})
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		reason := why(ctx, err, string(token))
		return found{}, broken(fmt.Sprintf("STS returned no credentials for role %s for the web identity token: %s", role, reason), tokenRemedy(code(err)))
	}
	return found{keys: keys, identity: "role:" + role + "/" + session, how: how + ", role " + role}, nil
}

// identityToken is a token that was read already.
type identityToken []byte

// GetIdentityToken returns the token without the line end that editors leave.
func (t identityToken) GetIdentityToken() ([]byte, error) {
	return []byte(strings.TrimSpace(string(t))), nil
}

func tokenRemedy(code string) string {
	switch code {
	case "AccessDenied":
		return "Let the role's trust policy allow sts:AssumeRoleWithWebIdentity for the token's issuer, sub and aud."
	case "ExpiredTokenException", "ExpiredToken":
		return "The token is too old: make sure that the platform renews the file."
	case "InvalidIdentityToken", "IDPRejectedClaim", "IDPCommunicationError":
		return "Check that IAM has an OIDC provider for the token's issuer and that AWS can reach its keys."
	case "":
		return "Check that STS can be reached from here."
	}
	return "Check the role ARN and the token."
}
