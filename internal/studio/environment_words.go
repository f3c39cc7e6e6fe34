package studio

import (
	"strings"

	"github.com/adit-hq/adit/internal/control/wire"
)

// standing is where an environment stands, in words for people.
type standing struct {
	Class string // how it is coloured: good, info, warn, bad
	Title string
	Means string // what that means for calls, and what happens next
}

// standingOf tells an environment's state. A pending environment is at one of
// two places: its role is missing, or is not checked.
func standingOf(e wire.Environment) standing {
	switch {
	case wide(e):
		return standing{"warn", "Ready, but too permissive", "AWS accepts this environment's tokens, and those of other environments of this organization too. Calls continue."}
	case e.State == "ready":
		return standing{"good", "Ready", "AWS accepts this environment's tokens and refuses all others."}
	case e.State == "failing":
		return standing{"bad", "Failing", "The last exchange with AWS failed. Cached credentials work until they expire; " +
			"a role that AWS refuses is retried at most every 30 seconds."}
	case e.State == "unsafe" && acceptedNow(e):
		return standing{"warn", "Unsafe, risk accepted", "The role accepts tokens that are not this environment's. An administrator has accepted that risk, so calls continue."}
	case e.State == "unsafe":
		return standing{"bad", "Unsafe", "The role accepts tokens that are not this environment's, so Adit makes no calls with it."}
	case e.RoleARN == "":
		return standing{"info", "Waiting for a role", "No AWS role is saved yet, so callers cannot use this environment."}
	default:
		return standing{"info", "Role not checked", "The role is saved. Before the first call, Adit checks that it accepts this environment and refuses all others."}
	}
}

// wide reports whether the role lets other environments of the organization in:
// it is used, and why it should be narrower is told.
func wide(e wire.Environment) bool { return e.State == "ready" && e.Why != "" }

// acceptedNow reports whether somebody answers for the role that the environment has now.
func acceptedNow(e wire.Environment) bool {
	return e.Accepted != nil && e.Accepted.RoleARN == e.RoleARN
}

// attribution tells what a session at AWS is called.
type attribution struct {
	Name    string // how role sessions are named, with ids filled in
	Means   string
	TagText string
}

func attributionOf(e wire.Environment) attribution {
	a := attribution{TagText: "Off. CloudTrail and the bill identify callers by the session name."}
	switch e.SessionName {
	case "environment":
		a.Name, a.Means = "adit-"+e.ID, "One session for all callers."
	case "user":
		a.Name, a.Means = "adit-"+e.ID+"-user_…", "One session per user named in requests; requests without a user use their caller's."
	default:
		a.Name, a.Means = "adit-"+e.ID+"-key_…", "One session per caller, so that CloudTrail shows who made each call."
	}
	if e.SessionTags {
		a.TagText = "On. Each session is tagged with organization, environment, key and the caller's tags. The trust policy needs sts:TagSession."
	}
	return a
}

// outcomeWords tell the outcome of an exchange; AWS's codes are told as they are.
func outcomeWords(outcome string) string {
	switch outcome {
	case "ok":
		return "Succeeded"
	case "timeout":
		return "AWS did not answer in time"
	case "unreachable":
		return "AWS could not be reached"
	case "bad_answer":
		return "The answer could not be read"
	case "not_sent":
		return "Not sent"
	case "":
		return "Unknown"
	}
	return outcome
}

// accessWords tell whether the account may use a model.
func accessWords(m wire.Model) (class, words string) {
	switch m.Access {
	case "granted":
		return "good", "Granted"
	case "agreement-needed":
		return "warn", "Agreement needed"
	case "agreement-pending":
		return "info", "Agreement pending"
	case "not-authorized":
		return "bad", "Not authorized"
	case "not-in-region":
		return "bad", "Not in this region"
	case "", "unknown":
		return "quiet", "Unknown"
	}
	return "quiet", m.Access
}

// kindWords tell what sort of model it is.
func kindWords(kind string) string {
	switch kind {
	case "foundation":
		return "Foundation model"
	case "system-profile":
		return "Inference profile"
	case "application-profile":
		return "Application profile"
	case "custom":
		return "Custom model"
	case "provisioned":
		return "Provisioned throughput"
	}
	return strings.ReplaceAll(kind, "-", " ")
}
