package studio

import (
	"regexp"
	"slices"
	"strings"

	"github.com/adit-hq/adit/internal/access"
	"github.com/adit-hq/adit/internal/control/wire"
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/ident"
)

// setupPage is what the path draws once the environment is there.
type setupPage struct {
	setupNow
	// NoIssuer: the server has no public URL, so that nothing can be done at AWS yet.
	NoIssuer bool
	// Start has the check begin by itself: the role is stored, and nobody tried it.
	Start bool
	// Again has the AWS step drawn once more, though there is a role.
	Again bool

	Form    form
	Account string // of AWS, where it was told
	Formats []setupFormat
	Format  setupFormat
	// Document does the AWS step by hand; "" with Fault, which says why there is none.
	Document string
	Fault    *problem
	Command  string // does all of it
	Example  string // of the role's ARN, as near to it as is known
}

func (s *studio) setup(v *visit, e wire.Environment) (answer, error) {
	return v.setupPage(e, form{}), nil
}

// setupPage draws the step that the environment is at.
func (v *visit) setupPage(e wire.Environment, f form) page {
	d := setupPage{setupNow: setupNowOf(e), NoIssuer: e.Issuer == "", Form: f, Formats: setupFormats(e), Account: v.query("account")}
	d.Again = d.Stage != stageAWS && !d.NoIssuer && v.May(access.Setup) && (v.query("again") != "" || len(f.values) > 0)
	d.Start = d.Stage == stageCheck && e.State == "pending" && !d.NoIssuer && !d.Again
	d.Format = formatNamed(d.Formats, v.query("format"))
	p := page{template: "setup", title: "Set up " + e.Name, data: &d}
	if d.NoIssuer || d.Stage != stageAWS && !d.Again {
		return v.ofEnvironment(e, p)
	}
	if d.Again { // the steps extend the role that there is
		d.Account = accountOf(e.RoleARN)
	}
	d.Command = v.Command("aws setup", e)
	d.Example = "arn:" + partitionOf(e.Region) + ":iam::111122223333:role/adit-" + e.Name
	if v.May(access.Setup) {
		var err error
		d.Document, err = v.document(e, d.Format.Name, d.Account)
		d.Document = say(d.Document)
		d.Fault = v.problem(err)
		if role := roleIn(d.Document); len(f.values) == 0 && d.Account != "" && role != "" {
			d.Form = filled(map[string]string{"role_arn": role})
		}
	}
	return v.ofEnvironment(e, p)
}

// Command is a command line about an environment and its AWS account, such as
// `adit aws setup --environment prod`. It finds the server from where the person is.
func (v *visit) Command(verb string, e wire.Environment) string {
	command := "adit " + verb + " --environment " + ident.Argument(e.Name, v.Org.Name)
	if v.Away() {
		return command + " --server https://" + v.r.Host
	}
	if v.carriage(v.r) != local {
		return command
	}
	parts := []string{v.Here.Variables, command, v.Here.Server, v.Here.AWS}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Away reports whether a command has to be told which server is meant: Studio is
// looked at by an address that leads to it from other machines too.
func (v *visit) Away() bool { return v.carriage(v.r) == sealed && plainHost.MatchString(v.r.Host) }

// plainHost is a host that may stand in a command as it is.
var plainHost = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// document has the AWS step written in a format. The account is what makes the
// last values known; with a wrong one the API says so.
func (v *visit) document(e wire.Environment, format, account string) (string, error) {
	in := wire.SetupInput{Format: format}
	if account != "" {
		in.Options = &wire.SetupOptions{Account: account}
	}
	made, err := v.api.Setup(v.ctx(), v.Org.ID, e.ID, in)
	return made.Document, err
}

// roleARNIn finds the ARN in the last line of a document, which tells the environment its role.
var roleARNIn = regexp.MustCompile(`--role-arn (arn:[a-z-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+)`)

// roleIn is the role that a document makes; "" where the account is not known.
func roleIn(document string) string {
	if m := roleARNIn.FindStringSubmatch(document); m != nil {
		return m[1]
	}
	return ""
}

// setupDocument is a document as a file.
func (s *studio) setupDocument(v *visit, e wire.Environment) (answer, error) {
	f := formatNamed(setupFormats(e), v.query("format"))
	text, err := v.document(e, f.Name, v.query("account"))
	if err != nil {
		return nil, err
	}
	return file{name: f.File, media: f.Media + "; charset=utf-8", write: writes(text)}, nil
}

// backToSetup is for who opens the address of a form that was sent.
func (s *studio) backToSetup(v *visit, e wire.Environment) (answer, error) {
	return moved{to: pathAnd(v.At("environments", e.ID, "setup"), v.r.URL.Query())}, nil
}

// storeRole stores the ARN of a role that was made by hand. The page that follows checks it.
func (s *studio) storeRole(v *visit, e wire.Environment) (answer, error) {
	arn := v.typed("role_arn")
	if arn == "" {
		var f fault.Inputs
		f.Add("role_arn", "enter the role's ARN; AWS shows it at the top of the role's page")
		return again(v.setupPage(e, v.form().with(f.Err())), f.Err())
	}
	changed, err := v.api.UpdateEnvironment(v.ctx(), v.Org.ID, e.ID, wire.EnvironmentPatch{RoleARN: &arn})
	if err != nil {
		return again(v.setupPage(e, withoutSecret(v.form(), e).with(err)), err)
	}
	if !v.May(access.TryExchange) {
		return moved{to: v.At("environments", e.ID, "setup"), notice: "The role is saved."}, nil
	}
	return v.checking(changed, "The role is saved"+and(changed.Advice)+"."), nil
}

// withoutSecret is the form with the role that the environment has in place of one
// that is no ARN at all: what was pasted there may be an AWS secret by mistake,
// which is not repeated.
func withoutSecret(f form, e wire.Environment) form {
	if typed := strings.TrimSpace(f.Value("role_arn")); typed != "" && !strings.HasPrefix(typed, "arn:") {
		f.values.Set("role_arn", e.RoleARN)
	}
	return f
}

// and joins what should be known to a sentence.
func and(advice []string) string {
	if len(advice) == 0 {
		return ""
	}
	return ". " + strings.TrimRight(strings.Join(advice, " "), ".")
}
