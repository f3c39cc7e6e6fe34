package diagnose

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/adit-hq/adit/internal/bedrock"
	"github.com/adit-hq/adit/internal/credential"
	"github.com/adit-hq/adit/internal/fault"
)

// models reads the account's list.
func (w *walk) models(ctx context.Context, s *Step) {
	if w.creds == nil {
		s.skip("no credentials from the exchange")
		return
	}
	listing, err := w.Models.List(ctx, w.env, *w.creds)
	if err != nil {
		s.failed(err)
		return
	}
	w.listing = &listing
	ours := 0
	for i := range listing.Models {
		if listing.Models[i].Family != "" {
			ours++
		}
	}
	s.fact("models", fmt.Sprint(len(listing.Models)))
	s.fact("embedding_models", fmt.Sprint(ours))
	s.say("the account's models can be listed")
	for _, missing := range listing.Warnings {
		s.warn(missing.Message, "")
		s.fact(missing.Operation, strings.TrimSpace(missing.Code+" "+missing.Said))
	}
}

// eachModel makes a step for every enabled model, or one that says that there is none.
func (w *walk) eachModel(ctx context.Context, name string, look func(context.Context, *Step, string)) {
	for _, id := range w.env.Models {
		w.step(ctx, name, func(ctx context.Context, s *Step) {
			s.fact("model", id)
			look(ctx, s, id)
		})
	}
	if len(w.env.Models) == 0 {
		w.step(ctx, name, func(_ context.Context, s *Step) { s.skip("the environment has no enabled models") })
	}
}

// access looks an enabled model up in the list.
func (w *walk) access(_ context.Context, s *Step, id string) {
	if w.listing == nil {
		s.skip("the models could not be listed")
		return
	}
	setup := "`adit aws setup --environment " + w.env.Argument() + "`"
	for i := range w.listing.Models {
		m := &w.listing.Models[i]
		if m.ID != id {
			continue
		}
		s.fact("access", string(m.Access.State))
		s.fact("lifecycle", m.Lifecycle)
		s.say(id + " can be called")
		switch m.Access.State {
		case bedrock.Granted:
		case bedrock.AccessUnknown:
			s.warn("AWS does not report whether the account may use "+id, "Run "+setup+", which grants the permission to read it.")
		case bedrock.AgreementPending:
			s.warn(reason("the account's access to "+id+" is being set up", m.Access.Why), "Try again in 15 minutes.")
		default:
			s.fail(fault.Refused, reason("the account has no access to "+id, m.Access.Why), "Request access in the Bedrock console, or run "+setup+" --marketplace.")
			return
		}
		if m.Why != "" {
			s.fail(fault.Config, id+": "+m.Why, "Enable an inference profile's id instead; `adit env models "+w.env.Argument()+"` lists them.")
		}
		return
	}
	if len(w.listing.Warnings) > 0 {
		s.warn(id+" was not found, and some lists could not be read", "Run "+setup+", which grants permission to read them.")
		return
	}
	s.fail(fault.Config, "Bedrock has no model "+id+" in "+w.env.Region, "See `adit env models "+w.env.Argument()+"`.")
}

func reason(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// invoke makes one real call to an enabled model.
func (w *walk) invoke(ctx context.Context, s *Step, id string) {
	switch {
	case !w.options.Invoke:
		s.skip("not requested: it makes one real call, which AWS bills")
		return
	case w.creds == nil:
		s.skip("no credentials from the exchange")
		return
	case w.Invoker == nil:
		s.skip("this server cannot call models here")
		return
	}
	said, err := w.Invoker.Invoke(ctx, w.env, id, *w.creds)
	if err != nil {
		s.failed(err)
		return
	}
	s.fact("answer", said)
	s.say(id + " answers")
}

// plain puts an error of the SDK into one line without its secrets.
func plain(err error, creds *credential.Credentials) string {
	text := fault.Root(err).Error()
	var api smithy.APIError
	if errors.As(err, &api) {
		text = api.ErrorCode() + ": " + api.ErrorMessage()
	}
	for _, hidden := range []string{creds.SecretAccessKey.Reveal(), creds.SessionToken.Reveal()} {
		if hidden != "" {
			text = strings.ReplaceAll(text, hidden, "[redacted]")
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	return strings.ToValidUTF8(text[:min(len(text), 300)], "")
}
