package awssetup

import (
	"github.com/adit-hq/adit/internal/fault"
	"github.com/adit-hq/adit/internal/model"
)

// Both actions of InvokeModel (Service Authorization Reference, Amazon Bedrock).
const (
	invoke = "bedrock:InvokeModel"
	stream = "bedrock:InvokeModelWithResponseStream"
)

// mostPolicy is how long the policies inside a role may be together, spaces
// aside (IAM quotas).
const mostPolicy = 10_240

// uses returns the models that the role must let its holder invoke: those that
// the options name; else the whole catalogue with what the environment enabled.
func uses(f Facts, o Options) (embedding, others []model.Use, fs faults) {
	ids := f.Models
	param := "facts.models"
	if len(o.Models) > 0 {
		ids, param = o.Models, "models"
	} else {
		embedding = model.Offered(f.Region)
	}
	for _, text := range ids {
		id, err := model.ParseID(text)
		if err != nil {
			_ = fs.add(param, "%s", fault.From(err).Message).WithRemedy("%s", fault.From(err).Remedy)
			continue
		}
		u := model.Use{ID: id, Region: f.Region}
		// An ARN that does not tell its model, and a model outside the catalogue, may be anything.
		if family, err := model.Find(id, ""); err == nil {
			u.Family = family
			embedding = append(embedding, u)
			continue
		}
		others = append(others, u)
	}
	return embedding, others, fs
}

// permissions is the policy inside the role.
//
// Embedding models are granted InvokeModel alone, since none of them streams. A
// model outside the catalogue may stream, and whoever fetches credentials with
// `adit env credentials` may ask it to: it is granted both actions.
func permissions(embedding, others []model.Use, o Options) any {
	statements := model.Grants(embedding, account)
	for _, s := range model.Grants(others, account) {
		s.Sid = "Other" + s.Sid
		if s.Action == invoke {
			s.Action = []string{invoke, stream}
		}
		statements = append(statements, s)
	}
	statements = append(statements, model.Statement{Sid: "ListModels", Effect: "Allow", Action: model.ListingActions(), Resource: "*"})
	if o.Marketplace {
		statements = append(statements, model.Statement{
			Sid: "Marketplace", Effect: "Allow", Resource: "*",
			Action: []string{"aws-marketplace:Subscribe", "aws-marketplace:ViewSubscriptions"},
		})
	}
	return document{Version: policyVersion, Statement: statements}
}
