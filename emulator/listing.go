package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// modelSummary is FoundationModelSummary of the Bedrock control plane.
type modelSummary struct {
	ModelARN       string            `json:"modelArn"`
	ModelID        string            `json:"modelId"`
	ModelName      string            `json:"modelName"`
	ProviderName   string            `json:"providerName"`
	Inputs         []string          `json:"inputModalities"`
	Outputs        []string          `json:"outputModalities"`
	Streaming      bool              `json:"responseStreamingSupported"`
	Customizations []string          `json:"customizationsSupported"`
	Inference      []string          `json:"inferenceTypesSupported"`
	Lifecycle      map[string]string `json:"modelLifecycle"`
}

func (m *model) summary(region string) modelSummary {
	s := modelSummary{
		ModelARN: modelARN(partitionOf(region), region, m.id), ModelID: m.id, ModelName: m.name, ProviderName: m.provider,
		Inputs: m.inputs, Outputs: m.made(), Streaming: m.streaming, Customizations: []string{},
		Inference: append([]string{}, m.inference...), Lifecycle: map[string]string{"status": "ACTIVE"},
	}
	if !m.endOfLife.IsZero() {
		s.Lifecycle = map[string]string{"status": "LEGACY", "endOfLifeTime": m.endOfLife.UTC().Format(time.RFC3339)}
	}
	return s
}

// made is outputModalities.
func (m *model) made() []string {
	if m.outputs == nil {
		return []string{"EMBEDDING"}
	}
	return m.outputs
}

// everything is the resource of actions that have no resource type.
func everything() string { return "*" }

// entry authenticates and authorizes a control-plane call and returns its
// query, with every parameter known and given once. on names the resource,
// which depends on the Region that the signature is for.
func (x *exchange) entry(on func() string, known ...string) (url.Values, bool) {
	q, bad := url.ParseQuery(x.query)
	err := x.authenticate(serviceBedrock)
	if err == nil {
		err = x.authorize("bedrock:"+x.event.Operation, []resource{{arn: on()}})
	}
	for name, values := range q {
		if !strings.HasPrefix(name, "X-Amz-") && (!slices.Contains(known, name) || len(values) > 1) && err == nil {
			err = validation("The query parameter " + clip(name) + " is unknown or repeated.")
		}
	}
	if bad != nil && err == nil {
		err = validation("The query string is not well formed.")
	}
	if err != nil {
		x.fail(err)
		return nil, false
	}
	return q, true
}

// serveListModels is ListFoundationModels, which is not paginated.
func (x *exchange) serveListModels(string) {
	q, ok := x.entry(everything, "byProvider", "byCustomizationType", "byOutputModality", "byInferenceType")
	if !ok {
		return
	}
	for name, allowed := range map[string][]string{
		"byCustomizationType": {"FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"},
		"byOutputModality":    {"TEXT", "IMAGE", "EMBEDDING"},
		"byInferenceType":     {onDemand, provisioned},
	} {
		if v := q.Get(name); v != "" && !slices.Contains(allowed, v) {
			x.fail(enumError(name, allowed))
			return
		}
	}
	list := []modelSummary{}
	for i := range x.e.models {
		m := &x.e.models[i]
		output, kind := q.Get("byOutputModality"), q.Get("byInferenceType")
		if m.offered(x.event.Region) && (output == "" || slices.Contains(m.made(), output)) && q.Get("byCustomizationType") == "" &&
			(kind == "" || slices.Contains(m.inference, kind)) &&
			(q.Get("byProvider") == "" || strings.EqualFold(q.Get("byProvider"), m.provider)) {
			list = append(list, m.summary(x.event.Region))
		}
	}
	x.respondValue(map[string]any{"modelSummaries": list})
}

func enumError(name string, allowed []string) *awsError {
	return validation("1 validation error detected: Value at '" + name + "' failed to satisfy constraint: Member must satisfy enum value set: [" + strings.Join(allowed, ", ") + "]")
}

// serveGetModel is GetFoundationModel, by id or ARN.
func (x *exchange) serveGetModel(id string) {
	if a, err := parseARN(id); err == nil && a.kind() == "foundation-model" {
		id = a.id()
	}
	on := func() string { return modelARN(partitionOf(x.event.Region), x.event.Region, id) }
	if _, ok := x.entry(on); !ok {
		return
	}
	m := x.e.offeredModel(id, x.event.Region)
	if m == nil {
		x.fail(unknownModel())
		return
	}
	x.respondValue(map[string]any{"modelDetails": m.summary(x.event.Region)})
}

// respondValue sends v as JSON.
func (x *exchange) respondValue(v any) {
	body, err := json.Marshal(v)
	if err != nil {
		x.fail(usualError(http.StatusInternalServerError))
		return
	}
	x.respondJSON(body)
}

// page reads maxResults and nextToken of a paginated listing and returns the
// part of n entries to show, and the token of the next part.
func page(q url.Values, n int) (from, to int, next string, err *awsError) {
	size := 1000
	if text := q.Get("maxResults"); text != "" {
		parsed, bad := strconv.Atoi(text)
		if bad != nil || parsed < 1 || parsed > 1000 {
			return 0, 0, "", validation("1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 1000")
		}
		size = parsed
	}
	if text := q.Get("nextToken"); text != "" {
		parsed, bad := strconv.Atoi(strings.TrimPrefix(text, "page-"))
		if bad != nil || parsed < 1 || parsed > n {
			return 0, 0, "", validation("The nextToken is invalid.")
		}
		from = parsed
	}
	to = min(n, from+size)
	if to < n {
		next = "page-" + strconv.Itoa(to)
	}
	return from, to, next, nil
}
