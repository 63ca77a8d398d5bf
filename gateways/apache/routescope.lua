-- Asks the authorization server about a request of Apache, and sets the headers of the answer for the back end.

local socket = require "socket"

local SERVER_HOST, SERVER_PORT = "127.0.0.1", 9180
local CONNECT_SECONDS, ANSWER_SECONDS = 0.2, 1
local LONGEST_BODY = 65536

-- These headers are set for the back end. The client's own copies go, whatever sign is in place of `-`.
local IDENTITY = {
    ["x-key-id"] = "X-Key-Id",
    ["x-token-subject"] = "X-Token-Subject",
    ["x-route"] = "X-Route",
    ["x-policy-digest"] = "X-Policy-Digest",
}

-- The server refuses requests with these headers. With `override_headers: ignore` it does not, and they end here.
local OVERRIDES = {
    ["x-http-method-override"] = true,
    ["x-http-method"] = true,
    ["x-method-override"] = true,
    ["x-original-url"] = true,
    ["x-rewrite-url"] = true,
    ["x-override-url"] = true,
    ["x-original-uri"] = true,
    ["x-original-method"] = true,
    ["x-forwarded-uri"] = true,
    ["x-forwarded-method"] = true,
}

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

local RELAYED = {
    ["cache-control"] = "Cache-Control",
    ["www-authenticate"] = "WWW-Authenticate",
    ["x-accepted-scopes"] = "X-Accepted-Scopes",
    ["x-denied-reason"] = "X-Denied-Reason",
}

local UNAVAILABLE = '{"type":"about:blank","title":"Service Unavailable","status":503,'
    .. '"detail":"The request could not be checked."}\n'

-- A name with `-` for every sign that a back end may take for one.
local function plain(name)
    return (name:lower():gsub("[^a-z0-9]", "-"))
end

-- The method and the target as the client sent them, if this is the target that Apache forwards. For others than a path with
-- one slash in front it is not: of `//x` Apache makes `/x`, and of an absolute URI its path.
local function request_line(r)
    local method, target = r.the_request:match("^(%S+) (%S+) HTTP/[%d.]+$")
    if method == r.method and target == r.unparsed_uri and target:find("^/") and not target:find("^//") then
        return method, target
    end
end

-- The head of the check request. The server gets all other headers, so that it can refuse those that name another target.
-- Apache has joined headers of one name to `a, b`.
local function check_request(r, method, target)
    local lines = {
        "GET / HTTP/1.1",
        "Host: routescope",
        "X-Original-Method: " .. method,
        "X-Original-URI: " .. target,
    }
    for name, value in pairs(r:headers_in_table()) do
        if not NOT_ASKED[name:lower()] then
            lines[#lines + 1] = name .. ": " .. value
        end
    end
    for _, line in ipairs(lines) do
        if line:find("[\r\n%z]") then
            return nil
        end
    end
    return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- The connection of this thread, kept from one request to the next.
local kept

local function open()
    local connection = socket.tcp()
    connection:settimeout(CONNECT_SECONDS)
    if connection:connect(SERVER_HOST, SERVER_PORT) then
        connection:setoption("tcp-nodelay", true)
        return connection
    end
    connection:close()
end

-- Sends the request and reads the answer. Returns its status, headers and body, or nothing and the reason.
local function exchange(connection, request)
    local deadline = socket.gettime() + ANSWER_SECONDS
    local function receive(what)
        connection:settimeout(math.max(0, deadline - socket.gettime()))
        return connection:receive(what)
    end

    connection:settimeout(ANSWER_SECONDS)
    local sent, failure = connection:send(request)
    if not sent then
        return nil, failure
    end
    local line
    line, failure = receive("*l")
    if not line then
        return nil, failure
    end
    local status = tonumber(line:match("^HTTP/1%.1 (%d%d%d) "))
    local headers = {}
    while status do
        line, failure = receive("*l")
        if not line then
            return nil, failure
        end
        if line == "" then
            break
        end
        local name, value = line:match("^([^%s:]+):%s*(.-)%s*$")
        if not name or headers[name:lower()] then
            return nil, "malformed"
        end
        headers[name:lower()] = value
    end
    local length = tonumber((headers["content-length"] or ""):match("^%d+$"))
    if not status or not length or length > LONGEST_BODY or headers["transfer-encoding"] then
        return nil, "malformed"
    end
    local body = ""
    if length > 0 then
        body, failure = receive(length)
        if not body then
            return nil, failure
        end
    end
    return status, headers, body
end

local function ask(request)
    local connection, reused = kept or open(), kept ~= nil
    kept = nil
    if not connection then
        return nil
    end
    local status, headers, body = exchange(connection, request)
    if not status and headers == "closed" and reused then
        -- The server has closed the kept connection meanwhile, as it may.
        connection:close()
        connection = open()
        if not connection then
            return nil
        end
        status, headers, body = exchange(connection, request)
    end
    if not status or (headers["connection"] or ""):lower() == "close" then
        connection:close()
    else
        kept = connection
    end
    return status, headers, body
end

-- Of what the client says in `Connection`, this much is left. mod_proxy drops the headers that are named there, and so a
-- client could drop those that the server sets. No upgrade is left but that of WebSockets.
local function clean_connection(r)
    local connection = (r.headers_in["Connection"] or ""):lower()
    if (r.headers_in["Upgrade"] or ""):lower() == "websocket" then
        r.headers_in["Connection"] = "Upgrade"
        return
    end
    r.headers_in["Upgrade"] = nil
    if connection:find("close", 1, true) then
        r.headers_in["Connection"] = "close"
    elseif connection ~= "" then
        r.headers_in["Connection"] = "keep-alive"
    end
end

local function deny(r, status, body)
    r.subprocess_env["ROUTESCOPE_BODY"] = body
    return status
end

-- The hook of httpd.conf. For a script that fails, or returns no number, mod_lua answers 500.
function check(r)
    local method, target = request_line(r)
    local request = method and check_request(r, method, target)
    if not request then
        return 400
    end
    local status, headers, body = ask(request)
    if status == 401 or status == 403 then
        for name, spelling in pairs(RELAYED) do
            if headers[name] then
                r.err_headers_out[spelling] = headers[name]
            end
        end
        return deny(r, status, body)
    elseif status ~= 200 then
        return deny(r, 503, UNAVAILABLE)
    end
    for name in pairs(r:headers_in_table()) do
        if IDENTITY[plain(name)] or OVERRIDES[plain(name)] then
            r.headers_in[name] = nil
        end
    end
    for name, spelling in pairs(IDENTITY) do
        if headers[name] then
            r.headers_in[spelling] = headers[name]
        end
    end
    clean_connection(r)
    return apache2.OK
end
