"""The CloudFormation resource AWS::ECS::ClusterCapacityProviderAssociations."""

from ministack.services import ecs
from ministack.services.cloudformation import provisioners


def add():
    provisioners._RESOURCE_HANDLERS["AWS::ECS::ClusterCapacityProviderAssociations"] = {
        "create": lambda _logical_id, properties, _stack: associate(properties),
        "update": lambda _physical_id, _old, properties, _stack: associate(properties),
        "delete": lambda _physical_id, properties: associate({"Cluster": properties["Cluster"]}),
    }


def associate(properties):
    ecs._put_cluster_capacity_providers({
        "cluster": properties["Cluster"],
        "capacityProviders": properties.get("CapacityProviders", []),
        "defaultCapacityProviderStrategy": properties.get("DefaultCapacityProviderStrategy", []),
    })
    return properties["Cluster"], {}
