package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"hienke/internal/api"
	"hienke/internal/testkit"
)

// contract is openapi.yaml, read once.
var contract = func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		panic(err)
	}
	return doc
}()

func TestTheContractIsValid(t *testing.T) {
	t.Parallel()
	if err := contract.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTheServedContract holds openapi.json to openapi.yaml; -update writes it.
func TestTheServedContract(t *testing.T) {
	t.Parallel()
	plain, err := json.Marshal(contract)
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, plain, "", " "); err != nil {
		t.Fatal(err)
	}
	want.WriteByte('\n')
	if *testkit.Update {
		if err := os.WriteFile("openapi.json", want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("openapi.json is not openapi.yaml: run go generate ./internal/api")
	}
}

func TestEveryRouteIsInTheContractAndTheOtherWayRound(t *testing.T) {
	t.Parallel()
	var routed, written []string
	for _, r := range newWorld(t).echo.Routes() {
		path, ok := strings.CutPrefix(r.Path, api.Base)
		// RouteNotFound is how Echo keeps a group's middleware in front of
		// what does not exist; :action says that an action is not offered.
		if !ok || r.Method == "echo_route_not_found" || strings.HasSuffix(path, ":action") {
			continue
		}
		routed = append(routed, r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(path, "{$1}"))
	}
	for path, item := range contract.Paths.Map() {
		for method := range item.Operations() {
			written = append(written, method+" "+path)
		}
	}
	slices.Sort(routed)
	slices.Sort(written)
	if diff := cmp.Diff(written, routed); diff != "" {
		t.Errorf("contract (-) and router (+) differ:\n%s", diff)
	}
}

func TestEveryStaffCallNeedsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, item := range contract.Paths.Map() {
		for method, op := range item.Operations() {
			if op.Security != nil && len(*op.Security) == 0 || !strings.HasPrefix(path, "/staff") {
				continue
			}
			r := w.send(t, method, strings.ReplaceAll(path, "{code}", "HK-2222-2222-2222"), "")
			if r.status != http.StatusUnauthorized {
				t.Errorf("%s %s without a token: %d", method, path, r.status)
			}
		}
	}
}

func TestTheExamplesKeepTheContract(t *testing.T) {
	t.Parallel()
	for path, item := range contract.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			if body := op.RequestBody.Value.Content.Get("application/json"); body != nil && body.Example != nil {
				if err := body.Schema.Value.VisitJSON(body.Example, openapi3.EnableJSONSchema2020()); err != nil {
					t.Errorf("%s %s: %v", method, path, err)
				}
			}
		}
	}
}

// operation finds what the contract says of a request, or nil.
func operation(method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(strings.TrimPrefix(path, api.Base), "?")
	var found *openapi3.Operation
	for pattern, item := range contract.Paths.Map() {
		expr := "^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(pattern), "[^/]+") + "$"
		if op := item.GetOperation(method); op != nil && regexp.MustCompile(expr).MatchString(path) {
			if found = op; !strings.Contains(pattern, "{") {
				return found
			}
		}
	}
	return found
}

// checkExchange fails the test when an answer, or a request that was
// accepted, breaks the contract.
func checkExchange(t *testing.T, method, path, body string, r reply) {
	t.Helper()
	op := operation(method, path)
	if op == nil {
		return // not a call of the contract: answered by the kit
	}
	response := op.Responses.Status(r.status)
	if response == nil {
		response = op.Responses.Default()
	}
	if response == nil {
		t.Fatalf("%s %s: status %d is not in the contract", method, path, r.status)
	}
	if r.status < 300 && op.RequestBody != nil && body != "" && op.RequestBody.Value.Content["multipart/form-data"] == nil {
		visit(t, method+" "+path+" request", op.RequestBody.Value.Content.Get("application/json"), body)
	}
	for name, h := range response.Value.Headers {
		if h.Value.Required && r.header.Get(name) == "" {
			t.Errorf("%s %s: header %s is missing", method, path, name)
		}
	}
	if len(response.Value.Content) == 0 {
		if r.body != "" {
			t.Errorf("%s %s: a body where none belongs: %s", method, path, r.body)
		}
		return
	}
	kind, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	media := response.Value.Content[kind]
	if files := response.Value.Content["*/*"]; media == nil && files != nil {
		return
	}
	if media == nil {
		t.Fatalf("%s %s: status %d with Content-Type %q is not in the contract", method, path, r.status, kind)
	}
	visit(t, method+" "+path+" answer", media, r.body)
}

func visit(t *testing.T, what string, media *openapi3.MediaType, body string) {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%s is not JSON: %v: %s", what, err, body)
	}
	if err := media.Schema.Value.VisitJSON(v, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
		t.Errorf("%s breaks the contract: %v\n%s", what, err, body)
	}
}
