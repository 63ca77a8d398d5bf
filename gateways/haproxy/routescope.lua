-- Asks the authorization server about a request of HAProxy. `http-request lua.routescope` answers what is denied; for what
-- is allowed it sets txn.routescope_allowed, and the headers for the back end as txn.routescope_x_key_id and so on.

-- This is the frontend `check` of haproxy.cfg, which answers by itself if the server does not.
local SERVER = "http://127.0.0.1:8081/"
local MILLISECONDS = 2000
local FOR_THE_API = { "x-key-id", "x-token-subject", "x-route", "x-policy-digest" }

-- These belong to the client's connection or to the body, which the server does not get, or are set for the check.
local NOT_ASKED = {
    ["connection"] = true,
    ["content-length"] = true,
    ["expect"] = true,
    ["host"] = true,
    ["http2-settings"] = true,
    ["keep-alive"] = true,
    ["proxy-connection"] = true,
    ["te"] = true,
    ["trailer"] = true,
    ["transfer-encoding"] = true,
    ["upgrade"] = true,
    ["x-original-method"] = true,
    ["x-original-uri"] = true,
}

-- The target as HAProxy will forward it, byte for byte. A client of HTTP/2 sends a scheme and a path, which HAProxy keeps as
-- an absolute URI. It forwards the path of it, but for other schemes than these two the URI, as it does for HTTP/1.
local function target(txn)
    local url = txn.f:url()
    if txn.f:fc_http_major() > 1 and url:lower():find("^https?://") then
        return txn.f:pathq()
    end
    return url
end

-- The server gets all other headers, so that it sees every `Authorization` and can refuse headers that name another target.
local function check_headers(txn)
    local headers = {}
    for name, values in pairs(txn.http:req_get_headers()) do
        if not NOT_ASKED[name] then
            headers[name] = {}
            for index = 0, #values do
                headers[name][index + 1] = values[index]
            end
        end
    end
    headers["x-original-method"] = { txn.f:method() }
    headers["x-original-uri"] = { target(txn) }
    return headers
end

local function answer(txn, status, headers, body)
    local reply = txn:reply { status = status, body = body }
    for name, values in pairs(headers) do
        for _, value in pairs(values) do
            reply:add_header(name, value)
        end
    end
    txn:done(reply)
end

local RELAYED = { "content-type", "cache-control", "www-authenticate", "x-accepted-scopes", "x-denied-reason" }

local function routescope(txn)
    local response = core.httpclient():get { url = SERVER, headers = check_headers(txn), timeout = MILLISECONDS }
    local status = response and response.status
    if status == 200 then
        for _, name in ipairs(FOR_THE_API) do
            local values = response.headers[name]
            if values then
                txn:set_var("txn.routescope_" .. name:gsub("-", "_"), values[0])
            end
        end
        txn:set_var("txn.routescope_allowed", true)
    elseif status == 401 or status == 403 then
        local headers = {}
        for _, name in ipairs(RELAYED) do
            headers[name] = response.headers[name]
        end
        answer(txn, status, headers, response.body)
    end
    -- Any other answer, and none, leaves the request without the variable, for which haproxy.cfg denies it.
end

core.register_action("routescope", { "http-req" }, routescope, 0)
