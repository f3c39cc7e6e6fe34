package credential

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The names of the sources, as [Credentials.Source] and the doctor show them.
const (
	SourceExplicit    = "explicit"
	SourceEnvironment = "environment"
	SourceProfile     = "profile"
	SourceWebIdentity = "web_identity"
	SourceECS         = "ecs_container"
	SourceIMDS        = "ec2_metadata"
)

// source gives credentials, or a *miss that says why it gives none. It reads
// its files and asks its services anew every time, so that what changed outside counts.
type source interface {
	name() string
	retrieve(ctx context.Context) (found, error)
}

// found is what a source gave.
type found struct {
	// keys are the credentials; AccountID is filled where the source is told it by AWS.
	keys aws.Credentials
	// identity is [Credentials.Identity].
	identity string
	// static says that somebody wrote the keys down: only AWS can tell whether they are right.
	static bool
	// how says in words how the source came by them, such as "profile dev, static keys".
	how string
}

// written is the found of keys that somebody wrote down.
func written(keys aws.Credentials, how string) found {
	return found{keys: keys, identity: "key:" + keys.AccessKeyID, static: true, how: how}
}

// miss is why a source gave no valid credentials, and what a person can do about it.
type miss struct {
	verdict Verdict
	reason  string
	remedy  string
}

func (m *miss) Error() string { return m.reason }

// absent is the miss of a source that nobody set up.
func absent(reason, remedy string) *miss { return &miss{VerdictNothing, reason, remedy} }

// broken is the miss of a source that somebody set up and that does not work.
func broken(reason, remedy string) *miss { return &miss{VerdictInvalid, reason, remedy} }

// selection returns the sources to try, in order, and those passed over, with the reason.
func selection(s Settings, o *outside) (tried []source, skipped []Outcome) {
	chain := []source{environmentSource{o.env}, profileSource{o, ""}, webIdentitySource{o}, ecsSource{o}, imdsSource{o}}
	var why string
	switch {
	case !s.AccessKeyID.Empty() || !s.SecretAccessKey.Empty() || !s.SessionToken.Empty():
		tried, why = []source{explicitSource{s}}, "the model has its own keys"
	case s.Profile != "":
		tried, why = []source{profileSource{o, s.Profile}}, "the model names a profile, so only that is used"
	case s.RoleSource == RoleSourceEnv:
		tried, why = chain[:1], "aws_iam_role_source is env"
	case s.RoleSource == RoleSourceMetadata:
		tried, why = chain[2:], "aws_iam_role_source is metadata"
	default:
		tried = chain
	}
	for _, candidate := range chain {
		if !slices.ContainsFunc(tried, func(s source) bool { return s.name() == candidate.name() }) {
			skipped = append(skipped, Outcome{Source: candidate.name(), Title: title(candidate.name()), Verdict: VerdictSkipped, Reason: why})
		}
	}
	return tried, skipped
}

// titles are the sources' names as people read them, in the chain's order.
func titles() [][2]string {
	return [][2]string{
		{SourceExplicit, "the model's own keys"},
		{SourceEnvironment, "environment variables"},
		{SourceProfile, "shared config and credentials files"},
		{SourceWebIdentity, "web identity token file"},
		{SourceECS, "ECS container endpoint"},
		{SourceIMDS, "EC2 instance metadata (IMDSv2)"},
	}
}

// rank returns the source's place in the chain.
func rank(name string) int {
	return slices.IndexFunc(titles(), func(t [2]string) bool { return t[0] == name })
}

// title returns the source's name as people read it.
func title(name string) string {
	if i := rank(name); i >= 0 {
		return titles()[i][1]
	}
	return name
}
