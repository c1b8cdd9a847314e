// Package api is the JSON face: it binds what came in, calls one use case, and
// answers. It never chooses the status of a failure; httpx maps it.
//
// # Specification first
//
// openapi.yaml is the contract and is written by hand. From it come
//   - types_gen.go, the types of every body, by oapi-codegen,
//   - openapi.json, the same text as it is served.
//
// The generated server interface of oapi-codegen is left out on purpose. It
// hides the routes in generated code, where no permission can stand beside
// them, and it reads parameters with errors of its own. Instead Routes lists
// every route with its permission, and the tests hold code and contract
// together: each route is in the contract and each operation in the router,
// and every request and answer that any test of this package exchanges is
// validated against the schema.
//
// # Reading bodies
//
// httpx.ReadJSON says what is refused. What this package adds: codes of
// submissions in paths are read in every form that civic.ParseCode takes, and
// one that cannot be a code is 404 with a hint, since nothing lives there.
package api

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml openapi.yaml
//go:generate go test -run ^TestTheServedContract -update .
