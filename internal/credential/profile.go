package credential

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

// profileSource gives the credentials of one profile of the shared config and
// credentials files, whatever kind they are.
type profileSource struct {
	*outside
	fixed string // the profile that the model names; "" = AWS_PROFILE, or else default
}

func (profileSource) name() string { return SourceProfile }

func (p profileSource) profile() string {
	chosen, _ := p.env.profile()
	return cmp.Or(p.fixed, chosen)
}

func (p profileSource) retrieve(ctx context.Context) (found, error) {
	files := readShared(p.env)
	shared, err := files.load(ctx, p.profile())
	if err != nil {
		return found{}, p.explain(ctx, files, err)
	}
	f, err := p.resolve(ctx, &shared)
	if err != nil {
		var m *miss
		if errors.As(err, &m) && m.verdict == VerdictNothing {
			return found{}, p.explain(ctx, files, err)
		}
		return found{}, err
	}
	f.how = "profile " + p.profile() + ": " + f.how
	return f, nil
}

// resolve gives a profile's own credentials, and then the role's that the profile assumes with them.
func (p profileSource) resolve(ctx context.Context, shared *config.SharedConfig) (found, error) {
	base, err := p.base(ctx, shared)
	if err != nil || shared.RoleARN == "" || shared.WebIdentityTokenFile != "" && shared.Source == nil {
		return base, err
	}
	return p.assume(ctx, shared, base)
}

// base gives what the profile has without its role, in the order of the AWS SDKs.
func (p profileSource) base(ctx context.Context, shared *config.SharedConfig) (found, error) {
	switch {
	case shared.Source != nil:
		return p.resolve(ctx, shared.Source)
	case shared.Credentials.HasKeys():
		keys := shared.Credentials
		keys.AccountID = "" // what the file claims; STS knows
		return written(keys, "static keys of profile "+shared.Profile), nil
	case shared.CredentialSource != "":
		return p.sourced(ctx, shared)
	case shared.WebIdentityTokenFile != "":
		return p.assumeWithToken(ctx, shared.WebIdentityTokenFile, shared.RoleARN, shared.RoleSessionName, "web identity token file")
	case usesSSO(shared):
		return p.sso(ctx, shared)
	case shared.LoginSession != "":
		return found{}, broken(fmt.Sprintf("profile %s uses a session of `aws login`, which Adit cannot renew", shared.Profile),
			fmt.Sprintf("Add `credential_process = aws configure export-credentials --profile %s` to a separate profile and use that.", shared.Profile))
	case shared.CredentialProcess != "":
		return p.process(ctx, shared)
	}
	return found{}, absent(fmt.Sprintf("profile %s has no credentials in it", shared.Profile), fmt.Sprintf("Run `aws configure --profile %s` or `aws configure sso --profile %s`.", shared.Profile, shared.Profile))
}

// sourced follows credential_source: the profile borrows from another source of this machine.
func (p profileSource) sourced(ctx context.Context, shared *config.SharedConfig) (found, error) {
	var lender source
	switch shared.CredentialSource {
	case "Environment":
		lender = environmentSource{p.env}
	case "EcsContainer":
		lender = ecsSource{p.outside}
	case "Ec2InstanceMetadata":
		lender = imdsSource{p.outside}
	default:
		return found{}, broken(fmt.Sprintf("profile %s has credential_source = %s", shared.Profile, shared.CredentialSource),
			"Use Environment, EcsContainer or Ec2InstanceMetadata.")
	}
	f, err := lender.retrieve(ctx)
	var m *miss
	if errors.As(err, &m) {
		return found{}, broken(fmt.Sprintf("profile %s takes credentials from %s: %s", shared.Profile, shared.CredentialSource, m.reason), m.remedy)
	}
	return f, err
}

// assume asks STS for the profile's role (AssumeRole). It asks for an hour,
// which every role allows.
func (p profileSource) assume(ctx context.Context, shared *config.SharedConfig, base found) (found, error) {
	if shared.MFASerial != "" {
		return found{}, broken(fmt.Sprintf("profile %s asks for an MFA code (mfa_serial), and nobody can enter it", shared.Profile),
			"Use a role that does not ask for MFA, or SSO.")
	}
	session := cmp.Or(shared.RoleSessionName, sessionName)
	provider := stscreds.NewAssumeRoleProvider(p.sts(&base.keys), shared.RoleARN, func(opt *stscreds.AssumeRoleOptions) {
		opt.RoleSessionName = session
		opt.Duration = time.Hour
		if d := aws.ToDuration(shared.RoleDurationSeconds); d >= 15*time.Minute {
			opt.Duration = d
		}
		if shared.ExternalID != "" {
			opt.ExternalID = &shared.ExternalID
		}
	})
	keys, err := provider.Retrieve(ctx)
	if err != nil {
		reason := why(ctx, err, base.keys.SecretAccessKey, base.keys.SessionToken)
		return found{}, broken(fmt.Sprintf("STS returned no credentials for role %s of profile %s: %s", shared.RoleARN, shared.Profile, reason), assumeRemedy(code(err)))
	}
	how := fmt.Sprintf("%s, then role %s", base.how, shared.RoleARN)
	return found{keys: keys, identity: "role:" + shared.RoleARN + "/" + session, how: how}, nil
}

func assumeRemedy(code string) string {
	switch code {
	case "":
		return "Check that STS can be reached from here."
	case "AccessDenied":
		return "Allow the source credentials sts:AssumeRole on the role, and let the role's trust policy name them."
	case "ValidationError":
		return "Check role_arn, duration_seconds and role_session_name of the profile."
	}
	return "Check the source credentials of the profile."
}
