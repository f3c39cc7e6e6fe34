package emulator

import (
	"net/http"
	"sync"
)

// textNoAgreement is Bedrock's refusal of a model that the account has no
// Marketplace agreement for, to a caller who may not make one.
const textNoAgreement = "Model access is denied due to IAM user or service role is not authorized to perform the required AWS Marketplace actions (aws-marketplace:ViewSubscriptions, aws-marketplace:Subscribe) to enable access to this model. Refer to the Amazon Bedrock documentation for further details. Your AWS Marketplace subscription for this model cannot be completed at this time. If you recently fixed this issue, try again after 2 minutes."

// agreements are the Marketplace agreements that were made since the start.
type agreements struct {
	mu   sync.RWMutex
	made map[string]bool // account and model id
}

func (a *agreements) has(account, model string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.made[account+" "+model]
}

func (a *agreements) add(account, model string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.made == nil {
		a.made = make(map[string]bool)
	}
	a.made[account+" "+model] = true
}

// agree lets a call to a model pass when its agreement exists, or the caller
// may make it, which the call then does.
func (x *exchange) agree(m *model) *awsError {
	account := x.who.arn.account
	if !m.agreement || x.e.agreements.has(account, m.id) {
		return nil
	}
	for _, action := range []string{"aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe"} {
		if x.authorize(action, []resource{{arn: "*"}}) != nil {
			return forbidden("AccessDeniedException", textNoAgreement)
		}
	}
	x.e.agreements.add(account, m.id)
	return nil
}

// serveAvailability is GetFoundationModelAvailability. A model that Bedrock
// has in other Regions only is described; one that it has nowhere is not found.
func (x *exchange) serveAvailability(id string) {
	if _, ok := x.entry(everything); !ok {
		return
	}
	m := x.e.findModel(id)
	if m == nil {
		x.fail(unknownModel())
		return
	}
	agreement, entitlement, region := "AVAILABLE", "AVAILABLE", "AVAILABLE"
	if m.agreement && !x.e.agreements.has(x.who.arn.account, m.id) {
		agreement, entitlement = "NOT_AVAILABLE", "NOT_AVAILABLE"
	}
	if !m.offered(x.event.Region) {
		region, entitlement = "NOT_AVAILABLE", "NOT_AVAILABLE"
	}
	x.respondValue(map[string]any{
		"modelId": id, "agreementAvailability": map[string]string{"status": agreement},
		"authorizationStatus": "AUTHORIZED", "entitlementAvailability": entitlement, "regionAvailability": region,
	})
}

// serveOffers is ListFoundationModelAgreementOffers, which is not paginated.
// Prices and terms are made up.
func (x *exchange) serveOffers(id string) {
	q, ok := x.entry(everything, "offerType")
	if !ok {
		return
	}
	m := x.e.offeredModel(id, x.event.Region)
	switch kind := q.Get("offerType"); {
	case kind != "" && kind != "ALL" && kind != "PUBLIC":
		x.fail(enumError("offerType", []string{"ALL", "PUBLIC"}))
		return
	case m == nil:
		x.fail(unknownModel())
		return
	case !m.agreement:
		x.fail(validation("There are no agreement offers for this model: it needs none."))
		return
	}
	x.respondValue(map[string]any{"modelId": id, "offers": []any{map[string]any{
		"offerId": uniqueID("offer-", m.id), "offerToken": offerToken(m),
		"termDetails": map[string]any{
			"usageBasedPricingTerm": map[string]any{"rateCard": []any{map[string]string{
				"dimension": "input_tokens", "price": "0.0001", "description": "Price of 1,000 input tokens, made up by the emulator", "unit": "1K tokens",
			}}},
			"legalTerm":   map[string]string{"url": "https://terms.invalid/" + m.id},
			"supportTerm": map[string]string{"refundPolicyDescription": "Nothing is charged, so nothing is refunded."},
		},
	}}})
}

func offerToken(m *model) string { return uniqueID("token-", m.id) }

// serveCreateAgreement is CreateFoundationModelAgreement, which answers 202.
func (x *exchange) serveCreateAgreement(string) {
	if _, ok := x.entry(everything); !ok {
		return
	}
	for _, action := range []string{"aws-marketplace:ViewSubscriptions", "aws-marketplace:Subscribe"} {
		if err := x.authorize(action, []resource{{arn: "*"}}); err != nil {
			x.fail(err)
			return
		}
	}
	body, bad := parseJSON(x.body)
	if bad != nil || body.kind != kindObject {
		x.fail(&awsError{status: http.StatusBadRequest, code: "SerializationException", message: "The request body is not a JSON object."})
		return
	}
	id, _ := body.member("modelId")
	token, _ := body.member("offerToken")
	m := x.e.offeredModel(id.text, x.event.Region)
	switch {
	case m == nil:
		x.fail(unknownModel())
		return
	case token.text != offerToken(m):
		x.fail(validation("The offer token is invalid for this model."))
		return
	case !m.agreement || x.e.agreements.has(x.who.arn.account, m.id):
		x.fail(&awsError{status: http.StatusConflict, code: "ConflictException", message: "Agreement already exists for this model."})
		return
	}
	x.e.agreements.add(x.who.arn.account, m.id)
	x.w.Header().Set("Content-Type", "application/json")
	x.respond(http.StatusAccepted, appendJSONObject("modelId", id.text))
}

func appendJSONObject(name, text string) []byte {
	return append(appendJSONString(append(appendJSONString([]byte("{"), name), ':'), text), '}')
}

func unknownModel() *awsError {
	return notFound("Could not resolve the foundation model from the provided model identifier.")
}
