package credential

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// explicitSource gives the keys of the model's own parameters.
type explicitSource struct{ settings Settings }

func (explicitSource) name() string { return SourceExplicit }

func (e explicitSource) retrieve(context.Context) (found, error) {
	s := e.settings
	return pair(
		named{"aws_access_key_id", s.AccessKeyID.Reveal()},
		named{"aws_secret_access_key", s.SecretAccessKey.Reveal()},
		s.SessionToken.Reveal(), "the model's parameters")
}

// environmentSource gives AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
type environmentSource struct{ env environ }

func (environmentSource) name() string { return SourceEnvironment }

func (e environmentSource) retrieve(context.Context) (found, error) {
	f, err := pair(
		named{"AWS_ACCESS_KEY_ID", e.env.get("AWS_ACCESS_KEY_ID")},
		named{"AWS_SECRET_ACCESS_KEY", e.env.get("AWS_SECRET_ACCESS_KEY")},
		e.env.get("AWS_SESSION_TOKEN"), "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set")
	if err != nil {
		return found{}, err
	}
	// `aws configure export-credentials --format env` writes this one beside the others.
	if expires, err := time.Parse(time.RFC3339, e.env.get("AWS_CREDENTIAL_EXPIRATION")); err == nil {
		f.keys.CanExpire, f.keys.Expires = true, expires
	}
	return f, nil
}

type named struct{ name, value string }

// pair makes credentials of two values that need each other.
func pair(id, key named, token, how string) (found, error) {
	switch {
	case id.value == "" && key.value == "" && token == "":
		return found{}, absent(fmt.Sprintf("%s and %s are not set", id.name, key.name), "")
	case id.value == "" && key.value == "":
		return found{}, broken(fmt.Sprintf("there is a session token, but %s and %s are not set", id.name, key.name), "Set all three.")
	case key.value == "":
		return found{}, half(id, key)
	case id.value == "":
		return found{}, half(key, id)
	case strings.ContainsAny(id.value+key.value+token, " \t\r\n"):
		return found{}, broken(fmt.Sprintf("%s, %s or the session token has white space in it", id.name, key.name), "Copy the values again, without spaces or line breaks.")
	}
	return written(aws.Credentials{AccessKeyID: id.value, SecretAccessKey: key.value, SessionToken: token}, how), nil
}

func half(set, unset named) *miss {
	return broken(fmt.Sprintf("%s is set, but %s is not", set.name, unset.name), fmt.Sprintf("Set both, or unset %s.", set.name))
}

// tail shows which key is meant without showing it whole.
func tail(accessKeyID string) string {
	if len(accessKeyID) <= 8 {
		return "…"
	}
	return accessKeyID[:4] + "…" + accessKeyID[len(accessKeyID)-4:]
}
